"""What `propose` should make of each table: its object and, for each column, the field, or `link.how it is known`.

Columns that no field of a plain account can take are not here; `updated_at_field` stands for that key of the mapping.
"""

UPDATED_AT = "updated_at_field"
EXPECTED: dict[str, tuple[str, dict[str, str]]] = {
    # A warehouse in capital letters
    "CRM_CONTACTS.csv": (
        "persons",
        {
            "EMAIL": "email",
            "FIRST_NAME": "first_name",
            "LAST_NAME": "last_name",
            "PHONE_NUMBER": "phone",
            "JOB_TITLE": "job_title",
            "COMPANY_NAME": "organization",
            "COMPANY_DOMAIN": "organization.domain",
            "CREATED_AT": "add_time",
            "UPDATED_AT": UPDATED_AT,
        },
    ),
    # German, semicolons, Windows-1252, amounts with a comma
    "Kundenliste.csv": (
        "organizations",
        {
            "Firma": "name",
            "Straße und Ort": "address",
            "Webseite": "website",
            "Mitarbeiterzahl": "employee_count",
            "Jahresumsatz": "annual_revenue",
            "Zuständig": "owner",
            "Angelegt am": "add_time",
            "Letzte Änderung": UPDATED_AT,
        },
    ),
    # HubSpot's export, with a byte order mark
    "hubspot-crm-exports-all-deals.csv": (
        "deals",
        {
            "Deal Name": "title",
            "Deal Stage": "stage",
            "Close Date": "expected_close_date",
            "Deal owner": "owner",
            "Amount": "value",
            "Pipeline": "pipeline",
            "Associated Company": "organization.name",
            "Associated Contact": "person.email",
            "Last Modified Date": UPDATED_AT,
            "Closed Lost Reason": "lost_reason",
        },
    ),
    # A report of Salesforce: months first, commas between thousands
    "report1732871234.csv": (
        "deals",
        {
            "Opportunity Name": "title",
            "Account Name": "organization.name",
            "Stage": "stage",
            "Amount Currency": "currency",
            "Amount": "value",
            "Probability (%)": "probability",
            "Close Date": "expected_close_date",
            "Opportunity Owner": "owner",
        },
    ),
    # Pipedrive's own export
    "people-9137751-12.csv": (
        "persons",
        {
            "Person - ID": "id",
            "Person - Name": "name",
            "Person - Label": "labels",
            "Person - Organization": "organization.name",
            "Person - Email - Work": "email",
            "Person - Email - Home": "email",
            "Person - Phone - Mobile": "phone",
            "Person - Owner": "owner",
            "Person - Person created": "add_time",
            "Person - Update time": UPDATED_AT,
        },
    ),
    # Zoho's export
    "Contacts_2026_11_20.csv": (
        "persons",
        {
            "Contact Owner": "owner",
            "First Name": "first_name",
            "Last Name": "last_name",
            "Account Name": "organization.name",
            "Email": "email",
            "Secondary Email": "email",
            "Phone": "phone",
            "Mobile": "phone",
            "Title": "job_title",
            "Created Time": "add_time",
            "Modified Time": UPDATED_AT,
        },
    ),
    # French price list
    "produits.csv": (
        "products",
        {
            "Référence": "code",
            "Désignation": "name",
            "Description": "description",
            "Prix unitaire": "price",
            "TVA": "tax",
            "Unité": "unit",
            "Actif": "is_linkable",
        },
    ),
    # Spanish, JSON lines, camelCase
    "tareas.jsonl": (
        "activities",
        {
            "asunto": "subject",
            "tipo": "type",
            "fechaVencimiento": "due_date",
            "hora": "due_time",
            "completado": "done",
            "correoContacto": "person.email",
            "empresa": "organization.name",
            "notas": "note",
            "asignadoA": "owner",
        },
    ),
    # Portuguese, divided by bars
    "negocios.csv": (
        "deals",
        {
            "Título": "title",
            "Valor": "value",
            "Moeda": "currency",
            "Etapa": "stage",
            "Funil": "pipeline",
            "Empresa": "organization.name",
            "E-mail do contato": "person.email",
            "Nome do contato": "person",
            "Data prevista de fechamento": "expected_close_date",
            "Situação": "status",
            "Motivo da perda": "lost_reason",
            "Responsável": "owner",
        },
    ),
    # Excel in UTF-16, with a line `sep=;` and a header that comes twice
    "Angebote 2026.csv": (
        "deals",
        {
            "Angebot": "title",
            "Kunde": "organization.name",
            "Ansprechpartner E-Mail": "person.email",
            "Auftragswert": "value",
            "Abschlussdatum": "expected_close_date",
            "Wahrscheinlichkeit": "probability",
            "Status": "status",
        },
    ),
    # What `discover` of Airbyte's HubSpot source prints
    "hubspot_catalog.json": (
        "organizations",
        {
            "properties_name": "name",
            "properties_domain": "domain",
            "properties_website": "website",
            "properties_address": "address",
            "properties_numberofemployees": "employee_count",
            "properties_annualrevenue": "annual_revenue",
            "properties_createdate": "add_time",
            "properties_hs_lastmodifieddate": UPDATED_AT,
            "properties_linkedin_company_page": "linkedin",
        },
    ),
    # Dutch, Parquet, typed; made by the test
    "contactpersonen.parquet": (
        "persons",
        {
            "voornaam": "first_name",
            "achternaam": "last_name",
            "e_mailadres": "email",
            "mobielNummer": "phone",
            "functietitel": "job_title",
            "bedrijfsnaam": "organization",
            "website_bedrijf": "organization.domain",
            "geboortedatum": "birthday",
            "aangemaakt_op": "add_time",
        },
    ),
}
