import Comparison

runComparison()
