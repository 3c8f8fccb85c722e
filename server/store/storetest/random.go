package storetest

import (
	"fmt"
	"math/rand/v2"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// step is an operation, and what is asked after it.
type step struct {
	operation
	ask uint64
}

// history makes operations that often meet: few tenants, customers, ids and times.
func history(seed uint64, length int) []step {
	random := rand.New(rand.NewPCG(seed, 3))
	steps := make([]step, length)
	for i := range steps {
		steps[i] = step{someOperation(random, i), random.Uint64()}
	}
	return steps
}

// someOperation makes the nth one.
func someOperation(random *rand.Rand, n int) operation {
	tenant := some(random, worldTenants())
	switch dice := random.IntN(100); {
	case dice < 22:
		return recording{tenant, several(random, someResponse)}
	case dice < 40:
		return interacting{tenant, several(random, someInteraction), random.IntN(8)}
	case dice < 52:
		return changing{tenant, someProfiles(random)}
	case dice < 59:
		return voiding{tenant, some(random, worldIDs()), fmt.Sprintf("reason %d", n), random.IntN(8)}
	case dice < 67:
		return erasing{tenant, some(random, append(worldCustomers(), ""))}
	case dice < 73:
		return concluding{tenant, several(random, someOutcome), random.IntN(8)}
	case dice < 76:
		return inviting{tenant, several(random, someInvitations)}
	case dice < 89:
		return settling{several(random, someStanding)}
	case dice < 93:
		return marking{tenant, random.IntN(3) > 0}
	case dice < 95:
		return ruling{some(random, []string{"one", "two"})}
	default:
		return calibrating{tenant, fmt.Sprintf("c-%d", n), some(random, worldQuestionnaires()), 1 + random.Int32N(2), random.IntN(4)}
	}
}

// several makes 1 to 3.
func several[T any](random *rand.Rand, one func(*rand.Rand) T) []T {
	all := make([]T, 1+random.IntN(3))
	for i := range all {
		all[i] = one(random)
	}
	return all
}

func someResponse(random *rand.Rand) givenResponse {
	g := givenResponse{
		ID: some(random, worldIDs()), Customer: some(random, append(worldCustomers(), "ann", "")),
		Says: some(random, []string{"yes", "yes", "yes", "no"}), At: random.IntN(8),
		Status: cmiv1.ScoreStatus(1 + random.IntN(3)), Bucket: cmiv1.Bucket(random.IntN(4)),
		Questionnaire: some(random, worldQuestionnaires()), Version: 1 + random.Int32N(3),
	}
	if g.Status != cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED {
		g.CMI, g.HasCMI = float64(random.IntN(1001))/10, true
	}
	return g
}

func someInteraction(random *rand.Rand) givenInteraction {
	return givenInteraction{
		ID: some(random, worldIDs()), Customer: some(random, append(worldCustomers(), "ann")), Kind: some(random, worldKinds()),
		At: random.IntN(8), Value: some(random, []float64{0.1, 0.1, 0.1, 0.2}),
	}
}

func someOutcome(random *rand.Rand) givenOutcome {
	return givenOutcome{
		ID: some(random, worldIDs()), Customer: some(random, append(worldCustomers(), "ann")),
		Kind: cmiv1.OutcomeKind(1 + random.IntN(3)), At: random.IntN(8), Amount: some(random, []float64{1, 1, 1, 2}),
	}
}

func someInvitations(random *rand.Rand) givenInvitations {
	return givenInvitations{
		Questionnaire: some(random, worldQuestionnaires()), From: random.IntN(3), To: 3 + random.IntN(3), Count: random.Int32N(3),
	}
}

// someProfiles makes some, no two of the same customer.
func someProfiles(random *rand.Rand) []givenProfile {
	ids := worldCustomers()
	random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	var all []givenProfile
	for _, id := range ids[:1+random.IntN(len(ids))] {
		all = append(all, givenProfile{
			ID: id, Skip: random.IntN(5) == 0, Refuse: random.IntN(5) == 0, Account: some(random, worldAccounts()),
			Country: some(random, []string{"", "ch", "de"}), Plan: some(random, []string{"", "gold"}), FirstSeen: random.IntN(9) - 1,
		})
	}
	return all
}

func someStanding(random *rand.Rand) givenStanding {
	quarters := func(n int) float64 { return float64(random.IntN(n)-1) / 4 } // the first one is negative: none
	return givenStanding{
		Tenant: some(random, worldTenants()), Customer: some(random, worldCustomers()),
		Of: some(random, []moment{current, current, current, current, outdated, ahead}), Until: random.IntN(9) - 1,
		Calibrated: random.IntN(2) == 0, Lifecycle: cmiv1.Lifecycle(1 + random.IntN(3)), Bucket: cmiv1.Bucket(random.IntN(4)),
		Stable: cmiv1.Bucket(random.IntN(4)), Direction: cmiv1.Direction(random.IntN(5)),
		CMI: quarters(8), Velocity: quarters(6), PValue: quarters(6),
	}
}
