#ifndef MS_OUTLINE_H
#define MS_OUTLINE_H

#include "report/report.h"

/*
 * The inside of each message as a tree, for people:
 *
 *	mail.eml: 1234 bytes
 *	  Subject: Invoice
 *	`-- multipart/mixed, boundary "b1"
 *	    |-- 1 text/plain, charset utf-8, quoted-printable, 120 bytes
 *	    `-- 2 application/zip "invoice.zip", base64, 300 bytes
 *	        ! malformed: truncated ZIP file data
 *	        `-- "invoice.txt" text/plain, 80 bytes
 *
 * mailscan-inspect(1) explains it. Names of others' stand in double quotes,
 * and a double quote in them is an escape.
 */
extern const struct ms_report_ops ms_outline_ops;

#endif
