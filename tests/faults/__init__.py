"""The fault rig: strikes at any chosen AWS call or part of ours, and checks what no fault may break.

`operations` lists what the console can start; `cells` derives calls x faults from fault-free runs and carries each
out on a lite cloud, struck by `injector`. `make matrix` runs everything.
"""
