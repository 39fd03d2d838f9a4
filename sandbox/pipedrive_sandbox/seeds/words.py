"""Words that example rows are made of."""

FIRST_NAMES = (
    *("Anna", "Ben", "Carla", "David", "Eva", "Felix", "Greta", "Hugo", "Ida", "Jan", "Kaja", "Liis"),
    *("Maria", "Nils", "Olga", "Peeter", "Quinn", "Rosa", "Sven", "Tiina", "Ursula", "Victor", "Wanda"),
    *("Xenia", "Yusuf", "Zoë", "Иван", "Ольга", "太郎", "さくら", "José", "François"),
)
LAST_NAMES = (
    *("Kask", "Tamm", "Saar", "Mägi", "Schmidt", "Müller", "Novak", "Rossi", "García", "O'Neill", "Nguyen"),
    *("Silva", "Kowalski", "Jensen", "Virtanen", "Петров", "Соколова", "田中", "佐藤", "Lefèvre", "Brown"),
    *("Taylor", "Okafor", "Haddad", "Cohen"),
)
COMPANY_WORDS = (
    *("Nordic", "Blue", "Baltic", "Solar", "Prime", "Quiet", "Bright", "Urban", "Alpine", "Delta", "Amber"),
    *("Maple", "Granite", "Velvet", "Copper", "Lumen", "Harbor", "Orchid", "Falcon", "Juniper"),
)
COMPANY_KINDS = (
    *("Software", "Logistics", "Foods", "Energy", "Studio", "Labs", "Consulting", "Motors", "Textiles"),
    *("Systems",),
)
LEGAL_FORMS = ("Ltd", "GmbH", "OÜ", "Inc", "SA", "株式会社", "ООО")
CITIES = (
    ("Tallinn", "Estonia", "10111", "Pikk"),
    ("Berlin", "Germany", "10115", "Torstraße"),
    ("Lisbon", "Portugal", "1100-148", "Rua Augusta"),
    ("Riga", "Latvia", "LV-1050", "Brīvības iela"),
    ("東京", "Japan", "100-0001", "千代田"),
    ("Austin", "United States", "73301", "Congress Ave"),
)
DEAL_WORDS = ("renewal", "pilot", "upgrade", "rollout", "licence", "integration", "audit", "workshop")
PRODUCT_WORDS = ("Desk", "Lamp", "Server", "Licence", "Chair", "Cable", "Panel", "Sensor", "Router", "Training")
SUBJECTS = ("Call back", "Send offer", "Demo", "Lunch", "Check contract", "Follow up ☎️", "Встреча")
SENTENCES = (
    *("Asked for a second quote.", "Wants to start next quarter.", "Decision is with the board 🙂."),
    *("Prefers e-mail over phone.", "Просил перезвонить в пятницу.", "来週また連絡する。"),
    *("<b>Discount</b> of 10&nbsp;% agreed.",),
)
EMOJI = ("🚀", "🎯", "✨", "🔥")
USERS = (
    ("Mari Admin", "mari@sandbox.example", True),
    ("John Seller", "john@sandbox.example", True),
    ("Olga Петрова", "olga@sandbox.example", True),
    ("Kenji 田中", "kenji@sandbox.example", True),
    ("Zoë Müller", "zoe@sandbox.example", True),
    ("Gone Away", "gone@sandbox.example", False),
)
CURRENCIES = (
    ("EUR", "Euro", 2, "€"),
    ("USD", "US Dollar", 2, "$"),
    ("GBP", "British Pound", 2, "£"),
    ("JPY", "Japanese Yen", 0, "¥"),
    ("SEK", "Swedish Krona", 2, "kr"),
)
ACTIVITY_TYPES = (
    ("Call", "call", True),
    ("Meeting", "meeting", True),
    ("Task", "task", True),
    ("Deadline", "deadline", True),
    ("Email", "email", True),
    ("Lunch", "lunch", True),
    ("Trade fair", "calendar", True),
    ("Fax", "document", False),
)
LEAD_LABELS = (("Hot", "red"), ("Warm", "yellow"), ("Cold", "blue"), ("Горячий", "orange"))
LEAD_SOURCES = ("Manually created", "Deal", "Web forms", "Prospector", "Live chat", "Import", "API")
PIPELINES = (
    ("Sales", ("Qualified", "Contact made", "Demo scheduled", "Proposal", "Negotiation")),
    ("Partners", ("Lead in", "Qualified", "Contract", "Onboarding", "Live")),
    ("После продажи", ("Kick-off", "Rollout", "Training", "Review", "Renewal", "Archive")),
)
