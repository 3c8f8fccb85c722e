// Package loyalty computes the loyalty metrics that companies know beside the CMI: the Net Promoter Score, customer satisfaction and
// customer effort, and who is satisfied and loyal at once. None of them is a beacon to steer by alone.
//
// Like package scoring it does no I/O, reads no clock and draws no random numbers.
package loyalty
