#ifndef SENSE_H
#define SENSE_H

#include "mailscan.h"

#include <stdbool.h>

/*
 * Go through what CONF comes to, without a profile and with each of them, and
 * say on stderr what is wrong with it, and warn of what cannot be meant.
 * Returns whether nothing is wrong; warnings are not. MTA is the file of a mail
 * server that should know of its filter, or NULL. ELSEWHERE: it is for another
 * machine, which may have what this one has not.
 */
bool sense_check(const struct ms_conf *conf, const char *mta, bool elsewhere);

#endif
