#ifndef MTACONF_H
#define MTACONF_H

#include "mailscan.h"

/*
 * Does a mail server know of a filter?
 *
 * FILE is its main.cf or sendmail.cf, LISTEN an address as
 * milter/socketname.h has them. A path there may lack what its root is below.
 *
 * MS_OK       it is named
 * MS_E_USAGE  it is not, outside of comments: ERR says so
 * MS_E_IO     ERR says what is wrong with FILE
 */
enum ms_status mtaconf_check(const char *file, const char *listen,
    struct ms_error *err);

#endif
