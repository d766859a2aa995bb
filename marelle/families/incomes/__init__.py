"""What prices stand on: the incomes and dependants of homes, dated, and sealed."""
