"""How the uncertainty of the inputs of a case goes over to its results: inputs, samples, intervals, ranking of causes.

Knows neither the solver nor files: a study of type `uncertainty` solves the samples, this turns them into statistics.
"""
