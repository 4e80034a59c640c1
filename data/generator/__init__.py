"""The parts of `data/generate.py`: it makes up a legacy CRM, the ERP's debtors and the truth about both."""
