import sys
from generated._homing import Connection
from generated.calculator import CalculatorClient

with Connection(sys.argv[1]) as connection:
    print(CalculatorClient(connection).add(20, 22))
