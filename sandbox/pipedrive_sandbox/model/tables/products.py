"""Products, their variations and pictures."""

from pipedrive_sandbox.actions import children, lists, prepare
from pipedrive_sandbox.actions.writes import record, record_below
from pipedrive_sandbox.model import shapes
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import MOMENT, Column, Key, blank, defaults
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("name", "", write=v.TITLE, field=("Name", "varchar")),
    Column("code", write=v.TEXT, field=("Product code", "varchar")),
    Column("description", "", write=v.TEXT, field=("Description", "text")),
    Column("unit", write=v.TEXT, field=("Unit", "varchar")),
    Column("tax", 0, write=v.NUMBER, field=("Tax", "double")),
    Column("category", write=v.NUMBER, field=("Category", "enum", ("Hardware", "Software", "Service"))),
    Column("is_linkable", True, write=v.BOOLEAN, field=("Active", "boolean")),
    Column("is_deleted", False),
    Column("visible_to", 3, write=v.VISIBLE_TO, field=("Visible to", "visible_to")),
    Column("owner_id", 1, write=v.OWNER, field=("Owner", "user")),
    Column("add_time", MOMENT, field=("Created", "date")),
    Column("update_time", MOMENT, field=("Updated", "date")),
    Column(
        "billing_frequency", "one-time", write=v.BILLING_FREQUENCY, field=("Billing frequency", "billing_frequency")
    ),
    Column("billing_frequency_cycles", write=v.CYCLES),
    Column("prices", [], write=Key("prices"), field=("Unit prices", "price_list")),
    Column("custom_fields", {}, write=v.CUSTOM_FIELDS, is_shown=False),
)

VARIATION_COLUMNS = (
    Column("id"),
    Column("name", "", write=v.TITLE),
    Column("product_id"),
    Column("prices", [], write=Key("prices")),
)

IMAGE_COLUMNS = (
    *defaults(id=None, product_id=None, company_id="7001", public_url="https://images.example/product.png"),
    *defaults(add_time=MOMENT, mime_type="image/png", name="product.png"),
    Column("update_time", MOMENT, is_shown=False),
)


def product(maker: Maker, number: int) -> Row:
    """A product with one or two prices."""
    random = maker.random
    currencies = ("EUR", "USD")[: random.choice((1, 1, 2))]
    price = round(random.uniform(5, 2000), 2)
    about = {"product_id": number, "cost": round(price / 2, 2), "direct_cost": None, "notes": ""}
    return {
        **blank(COLUMNS),
        **maker.times(),
        "name": f"{random.choice(words.PRODUCT_WORDS)} {number}",
        "code": f"SKU-{number:05}" if random.random() < 0.8 else None,
        "description": random.choice(words.SENTENCES) if random.random() < 0.3 else None,
        "tax": random.choice((0, 9, 20)),
        "owner_id": maker.owner(),
        "prices": [{**about, "price": price, "currency": currency} for currency in currencies],
        "is_deleted": random.random() < 0.02,
        **maker.custom("productFields"),
    }


def image(maker: Maker, _number: int) -> Row:
    """A picture of a product."""
    return made(maker, IMAGE_COLUMNS, product_id=maker.pick("products"))


def variation(maker: Maker, number: int) -> Row:
    """A variation of a product with a price."""
    price = {"product_variation_id": number, "price": 5, "currency": "EUR", "cost": 2, "direct_cost": None, "notes": ""}
    return made(maker, VARIATION_COLUMNS, name=f"Variation {number}", product_id=maker.pick("products"), prices=[price])


PRODUCT = Resource(
    "products", "Product", "v2", "products", COLUMNS, shapes.product, prepare.product, product, fields="productFields"
)
VARIATION = Resource(
    "product_variations",
    "Product variation",
    "v2",
    "products",
    VARIATION_COLUMNS,
    prepare=prepare.variation,
    seed=variation,
)
IMAGE = Resource("product_images", "Image", "v2", "products", IMAGE_COLUMNS, seed=image)
PRODUCT_QUERY = f"owner_id ids filter_id {v.PAGE} {v.SORTED} updated_since custom_fields"
TABLES = (
    PRODUCT.at(
        get("/products", 10, lists.by_cursor, PRODUCT_QUERY),
        *record("/products", status=201),
        filters=v.same("owner_id"),
        sortable=("id", "name", "add_time", "update_time"),
    ),
    VARIATION.below(
        "products",
        get("/products/{id}/variations", 10, lists.children, v.PAGE),
        *record_below("/products/{id}/variations", "product_variation_id", status=201),
    ),
    IMAGE.below("products", get("/products/{id}/images", 10, children.show_image)),
)
