"""strata beside its peers, in turn and in the same run: ``make bench``.

A topic is a module here: it lists tables of contenders and holds the work of those that run in Python; ``peers.R``
holds the work of the others. ``measure`` runs each measurement in a process of its own, ``work`` is that process.
"""
