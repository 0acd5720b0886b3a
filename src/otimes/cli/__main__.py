"""``python -m otimes.cli``."""

from otimes.cli import main

if __name__ == "__main__":
    main()
