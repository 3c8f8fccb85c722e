// Package reliability estimates how precisely a questionnaire measures, from the responses that were recorded: Cronbach's
// alpha and the standard error of measurement of each pillar, and of the CMI.
//
// Like package scoring it does no I/O, reads no clock and draws no random numbers: the same responses in the same order give the
// same bits.
package reliability
