"""Tests of the folder of import files."""
