"""What an experiment costs before it starts: arithmetic, memory, and hours on this machine.

Counted are the multiplications of dense layers and convolutions, two operations each with their
addition; everything else a step does is small beside them. Memory is an upper estimate.
"""
