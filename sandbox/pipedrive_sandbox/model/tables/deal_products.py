"""What a deal is made of: products, discounts, installments."""

from pipedrive_sandbox.actions import deal_products, lists, prepare
from pipedrive_sandbox.actions.writes import record, record_below
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, Key, blank, defaults
from pipedrive_sandbox.model.resource import Resource, Route, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.seeds.values import day
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    *defaults(id=None, sum=0),
    Column("tax", 0, write=v.NUMBER),
    *defaults(deal_id=None, name=""),
    Column("product_id", write=Key("integer", required=True, refers="products")),
    Column("product_variation_id", write=Key("integer", nullable=True, refers="product_variations")),
    Column("order_nr"),
    *TIMES,
    Column("comments", "", write=v.TEXT),
    Column("currency", "EUR"),
    Column("discount", 0, write=v.NUMBER),
    Column("discount_type", "percentage", write=Key("string", choices=("percentage", "amount"))),
    Column("quantity", 1, write=Key("number", required=True)),
    Column("item_price", 0, write=Key("number", required=True)),
    Column("tax_method", "inclusive", write=Key("string", choices=("exclusive", "inclusive", "none"))),
    Column("is_enabled", True, write=v.BOOLEAN),
    Column("billing_frequency", "one-time", write=v.BILLING_FREQUENCY),
    Column("billing_frequency_cycles", write=v.CYCLES),
    Column("billing_start_date", write=v.OPTIONAL_DATE),
)

DISCOUNT_COLUMNS = (
    Column("id"),
    Column("type", "percentage", write=Key("string", required=True, choices=("percentage", "amount"))),
    Column("amount", 1, write=v.POSITIVE),
    Column("description", "", write=v.REQUIRED_TEXT),
    *defaults(deal_id=None, created_at=MOMENT, created_by=1, updated_at=MOMENT, updated_by=1),
)

INSTALLMENT_COLUMNS = (
    Column("id"),
    Column("amount", 1, write=v.POSITIVE),
    Column("billing_date", "2026-01-01", write=Key("date", required=True)),
    Column("description", "", write=v.REQUIRED_TEXT),
    Column("deal_id"),
)


def deal_product(maker: Maker, number: int) -> Row:
    """A product of a deal."""
    random = maker.random
    quantity, price = random.randrange(1, 6), round(random.uniform(5, 500), 2)
    product_id = maker.pick("products")
    return {
        **blank(COLUMNS),
        **maker.times(),
        "deal_id": maker.pick("deals"),
        "product_id": product_id,
        "name": f"Product {product_id}",
        "quantity": quantity,
        "item_price": price,
        "sum": round(quantity * price, 2),
        "order_nr": number,
    }


def discount(maker: Maker, number: int) -> Row:
    """A discount of a deal."""
    times = maker.times()
    moments = {"created_at": times["add_time"], "updated_at": times["update_time"]}
    about = {"description": f"Discount {number}", "amount": number % 9 + 1, "deal_id": maker.pick("deals")}
    return made(maker, DISCOUNT_COLUMNS, **about, **moments)


def installment(maker: Maker, number: int) -> Row:
    """An installment of a deal."""
    about = {"description": f"Instalment {number}", "amount": number * 10, "deal_id": maker.pick("deals")}
    return made(maker, INSTALLMENT_COLUMNS, **about, billing_date=day(maker.random))


DEAL_PRODUCT = Resource(
    "deal_products", "Deal product", "v2", "deals products", COLUMNS, prepare=prepare.deal_product, seed=deal_product
)
DISCOUNT = Resource(
    "discounts", "Discount", "v2", "deals", DISCOUNT_COLUMNS, id_kind="uuid", prepare=prepare.discount, seed=discount
)
INSTALLMENT = Resource(
    "installments", "Installment", "v2", "deals", INSTALLMENT_COLUMNS, feature="installments", seed=installment
)
TABLES = (
    DEAL_PRODUCT.below(
        "deals",
        get("/deals/products", 10, lists.by_cursor, f"deal_ids {v.PAGE} {v.SORTED}"),
        get("/deals/{id}/products", 10, lists.children, f"{v.PAGE} {v.SORTED}"),
        *record(
            "/deals/{id}/products",
            name="product_attachment_id",
            status=201,
            create=deal_products.add_one,
            shown=None,
            update=deal_products.change_one,
            delete=deal_products.delete_one,
        ),
        Route("POST", "/deals/{id}/products/bulk", 25, deal_products.add_many, status=201),
        Route("DELETE", "/deals/{id}/products", 15, deal_products.delete_many, "ids"),
        filters={"deal_ids": "deal_id"},
        sortable=("id", "add_time", "update_time", "order_nr", "deal_id"),
    ),
    DISCOUNT.below(
        "deals",
        get("/deals/{id}/discounts", 10, lists.whole_of_parent),
        *record_below("/deals/{id}/discounts", "discount_id", status=201),
        order="created_at",
    ),
    INSTALLMENT.below(
        "deals",
        get("/deals/installments", 10, lists.by_cursor, f"deal_ids {v.PAGE} {v.SORTED}"),
        *record_below("/deals/{id}/installments", "installment_id"),
        filters={"deal_ids": "deal_id"},
        sortable=("id", "billing_date", "deal_id"),
    ),
)
