"""Published numbers, derived again from the public tables behind them."""
