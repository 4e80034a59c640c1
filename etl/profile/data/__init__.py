"""Words by which columns and tables are called, in English, German, French, Spanish and Italian."""
