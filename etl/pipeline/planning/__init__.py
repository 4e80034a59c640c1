"""The steps of `plan`, in the order in which `etl/pipeline/plan.py` takes them."""
