import sys
from generated.calculator import CalculatorWorker


class Worker(CalculatorWorker):
    def add(self, a: float, b: float) -> float:
        return a + b


Worker().run(queue=sys.argv[1])
