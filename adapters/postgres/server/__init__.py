"""An embedded PostgreSQL: started by the first process that needs it, stopped by the last.

``binaries`` says where the programs are, ``place`` where a home keeps its cluster and who runs it,
``cluster`` makes the cluster, ``postmaster`` starts and stops it, ``embedded`` counts its users.
"""
