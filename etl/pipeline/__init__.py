"""One verb a file: the order in which the stages do their work. Each gives a frozen result and prints nothing."""
