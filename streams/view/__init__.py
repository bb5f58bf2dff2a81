"""The read side: panes from the store become windows, and windows become KPIs.

`reading` fetches what changed, `weave` makes blocks of it, `live` keeps the running sums of every window that ends
now, `past` makes those of an earlier instant, `tables` turns sums into figures. `view` wires them.
"""
