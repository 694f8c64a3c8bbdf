"""How rows and values look in JSON, and how requests are read. Thin: no decision is made here."""
