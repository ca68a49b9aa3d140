#ifndef MS_JUNIT_H
#define MS_JUNIT_H

#include "report/report.h"

/*
 * JUnit's XML, for whatever shows the results of tests: a testsuite for each
 * mailbox, folder or directory, a testcase for each message in it, with a
 * failure if something was found, an error if it could not be examined, and
 * skipped if it is encrypted or nobody looked. Testsuites begin with numbers,
 * so their messages wait in a temporary file; mailscan-report(5) has more.
 */
extern const struct ms_report_ops ms_junit_ops;

#endif
