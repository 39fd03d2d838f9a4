"""Rows of the object table for what belongs to one deal, person, organization or product.

Bodies: https://developers.pipedrive.com/docs/api/v1 (request bodies of POST and PATCH).
"""

from destination_pipedrive.objects.spec import Below, FieldSpec, ObjectSpec
from pipedrive_client.endpoints import MAX_IDS

BILLING_FREQUENCIES = ("one-time", "annually", "semi-annually", "quarterly", "monthly", "weekly")
#: Relations are there or not.
NO_UPDATE = frozenset({"insert", "delete"})
#: Lists below a parent have no order that helps.
NO_ORDER: dict[str, str] = {}
DEAL_PRODUCTS = ObjectSpec(
    name="deal_products",
    noun="product of the deal",
    path="api/v2/deals/{id}/products",
    item="api/v2/deals/{id}/products/{product_attachment_id}",
    below=Below("deal_id", "api/v2/deals/products", "deal_ids", MAX_IDS),
    rank=5,
    scopes=("products", "deals"),
    match_on=("product_id",),
    narrowed_by=("deal_id",),
    key_names=("deal_id", "product_id"),
    required=("deal_id", "product_id", "item_price", "quantity"),
    fields=(
        FieldSpec("deal_id", "reference", create_only=True, refers="deals"),
        FieldSpec("product_id", "reference", refers="products"),
        FieldSpec("item_price", "number"),
        FieldSpec("quantity", "number"),
        FieldSpec("tax", "amount"),
        FieldSpec("comments"),
        FieldSpec("discount", "amount"),
        FieldSpec("discount_type", "choice", choices=("percentage", "amount")),
        FieldSpec("is_enabled", "boolean"),
        FieldSpec("tax_method", "choice", choices=("exclusive", "inclusive", "none")),
        FieldSpec("product_variation_id", "reference", nullable=True),
        FieldSpec("billing_frequency", "choice", choices=BILLING_FREQUENCIES, by_plan=True),
        FieldSpec("billing_frequency_cycles", "integer", nullable=True, by_plan=True),
        FieldSpec("billing_start_date", "date", nullable=True),
    ),
    aliases={"deal": "deal_id", "product": "product_id"},
    parents={"deal": "deal_id", "product": "product_id"},
    read_only=("id", "name", "order_nr", "sum", "currency", "add_time", "update_time", "parent_update_time"),
    newest_first=NO_ORDER,
    reads_one=False,
)
DEAL_INSTALLMENTS = ObjectSpec(
    name="deal_installments",
    noun="installment",
    path="api/v2/deals/{id}/installments",
    item="api/v2/deals/{id}/installments/{installment_id}",
    below=Below("deal_id", "api/v2/deals/installments", "deal_ids", MAX_IDS),
    rank=6,
    scopes=("deals",),
    match_on=("description",),
    narrowed_by=("deal_id",),
    key_names=("deal_id", "description"),
    required=("deal_id", "description", "amount", "billing_date"),
    fields=(
        FieldSpec("deal_id", "reference", create_only=True, refers="deals"),
        FieldSpec("description"),
        FieldSpec("amount", "number"),
        FieldSpec("billing_date", "date"),
    ),
    aliases={"deal": "deal_id"},
    parents={"deal": "deal_id"},
    read_only=("id", "parent_update_time"),
    newest_first=NO_ORDER,
    reads_one=False,
)
DEAL_PARTICIPANTS = ObjectSpec(
    name="deal_participants",
    noun="participant of the deal",
    path="v1/deals/{id}/participants",
    item="v1/deals/{id}/participants/{deal_participant_id}",
    below=Below("deal_id", "v1/deals/{id}/participants", parents="api/v2/deals", counter="participants_count"),
    rank=5,
    scopes=("deals",),
    operations=NO_UPDATE,
    match_on=("person_id",),
    narrowed_by=("deal_id",),
    key_names=("deal_id", "person_id"),
    required=("deal_id", "person_id"),
    fields=(
        FieldSpec("deal_id", "reference", create_only=True, refers="deals"),
        FieldSpec("person_id", "reference", create_only=True, refers="persons"),
    ),
    aliases={"deal": "deal_id", "person": "person_id"},
    parents={"deal": "deal_id", "person": "person_id"},
    read_only=(
        *("id", "person_name", "person_email", "person_phone", "added_by_user_id", "active_flag", "add_time"),
        "parent_update_time",
    ),
    newest_first=NO_ORDER,
    reads_one=False,
)


def _followers(parent: str, plural: str, key: str, scope: str) -> ObjectSpec:
    """The followers of one kind of record; Pipedrive knows one by the user's id. Products do not count theirs."""
    counter = "" if parent == "product" else "followers_count"
    return ObjectSpec(
        name=f"{parent}_followers",
        noun=f"follower of the {parent}",
        path=f"api/v2/{plural}/{{id}}/followers",
        item=f"api/v2/{plural}/{{id}}/followers/{{follower_id}}",
        item_id="user_id",
        below=Below(key, f"api/v2/{plural}/{{id}}/followers", parents=f"api/v2/{plural}", counter=counter),
        rank=5,
        scopes=(scope,),
        operations=NO_UPDATE,
        match_on=("user_id",),
        narrowed_by=(key,),
        key_names=(key, "user_id"),
        required=(key, "user_id"),
        fields=(
            FieldSpec(key, "reference", create_only=True, refers=plural),
            FieldSpec("user_id", "user", create_only=True),
        ),
        aliases={parent: key, "user": "user_id"} | ({"org_id": key} if key == "organization_id" else {}),
        parents={parent: key},
        read_only=("add_time", "parent_update_time"),
        newest_first=NO_ORDER,
        reads_one=False,
    )


ORGANIZATION_RELATIONSHIPS = ObjectSpec(
    name="organization_relationships",
    noun="relationship",
    path="v1/organizationRelationships",
    below=Below("rel_owner_org_id", "v1/organizationRelationships", "org_id"),
    rank=2,
    scopes=("contacts",),
    match_on=("rel_linked_org_id",),
    narrowed_by=("rel_owner_org_id",),
    key_names=("rel_owner_org_id", "rel_linked_org_id"),
    required=("rel_owner_org_id", "rel_linked_org_id", "type"),
    fields=(
        FieldSpec("type", "choice", choices=("parent", "related")),
        FieldSpec("rel_owner_org_id", "reference", refers="organizations"),
        FieldSpec("rel_linked_org_id", "reference", refers="organizations"),
        FieldSpec("org_id", "reference", create_only=True, hidden=True, refers="organizations"),
    ),
    aliases={"organization": "rel_owner_org_id", "linked_organization": "rel_linked_org_id"},
    parents={"organization": "rel_owner_org_id", "linked_organization": "rel_linked_org_id"},
    read_only=(
        *("id", "organization_id", "rel_owner_org_name", "rel_linked_org_name", "calculated_type", "active_flag"),
        *("calculated_related_org_id", "related_organization_name", "add_time", "update_time", "parent_update_time"),
    ),
    update_method="PUT",
    newest_first=NO_ORDER,
    reads_ids=False,
)
BELOW = (
    DEAL_PRODUCTS,
    DEAL_INSTALLMENTS,
    DEAL_PARTICIPANTS,
    _followers("deal", "deals", "deal_id", "deals"),
    _followers("person", "persons", "person_id", "contacts"),
    _followers("organization", "organizations", "organization_id", "contacts"),
    _followers("product", "products", "product_id", "products"),
    ORGANIZATION_RELATIONSHIPS,
)
