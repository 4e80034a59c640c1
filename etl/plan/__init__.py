"""The plan bundle on disk: its tables, its digest, its figures."""

from etl.plan.bundle import Bundle, Manifest

__all__ = ["Bundle", "Manifest"]
