"""`python -m interchange`"""

import sys

from interchange.operator.main import main

sys.exit(main())
