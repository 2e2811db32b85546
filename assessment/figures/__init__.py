"""The numbers of bulletins, ranking and dashboards: what is counted (`measures`), over which time (`periods`), how
(`counting`).
"""
