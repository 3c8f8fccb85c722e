// Package uncertainty puts figures beside how sure they are: intervals of shares and means, of equal respondents and of weighted
// ones, and tests of differences.
//
// Like package scoring it does no I/O, reads no clock and draws no random numbers. Whatever cannot be said (an interval of one
// respondent, the share of nobody) is answered with false, never with NaN.
package uncertainty
