"""The core: operators as values, functions as tables of rules, and what both stand on."""
