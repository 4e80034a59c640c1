"""crm-cleanup: move what never bought into the lead pipeline, and prove that nothing is gone."""

__version__ = "0.1.0"
