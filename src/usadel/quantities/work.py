"""The work of the gap equation on the way from the normal state, for imposed distributions without a free energy."""

from usadel.quantities.entry import Entry
from usadel.quantities.quantity import Quantity

WORK = Quantity((Entry("work", (), "N_0 Delta_0^2 xi A_0", "Work from the normal state", "W"),))
