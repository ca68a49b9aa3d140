#ifndef MS_ADDRESSEE_H
#define MS_ADDRESSEE_H

#include <glib.h>

/*
 * An address as it is looked up: what may be written in several ways is one
 * thing. In lower case; without a source route, quotes that need not be there
 * and a dot behind the domain (RFC 5321, 4.1.2 and appendix C: they make no
 * other mailbox of it).
 */
void ms_addressee_key(GString *key, const char *address);

#endif
