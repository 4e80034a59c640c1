"""`python -m etl` and the command `crm-cleanup`."""

from etl.cli import main

if __name__ == "__main__":
    main()
