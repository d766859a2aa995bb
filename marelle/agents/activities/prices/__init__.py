"""What an agent makes and changes of tariffs: prices of any kind, rules that change them, what is paid at
once.

A grid of prices, typed or pasted, is beside: `agents.activities.tariff_views`.
"""
