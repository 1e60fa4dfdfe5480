"""Match parent and child requests with fostering households: propose, price and explain.

People decide. Nothing here predicts success; every answer can be traced to a clause.
"""

__version__ = "0.1.0"
