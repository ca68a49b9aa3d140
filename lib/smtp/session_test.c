#include "smtp/session_test.h"
#include "smtp/standing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* "> " is a command of the client with its place and size, "!" what a server
 * should say to it, "< " a reply and what it was for. */
static const struct {
	const char *name;
	struct session_test_setup setup;
	struct session_test_reply replies[3];
	const char *in, *want;
} cases[] = {
	{
		.name = "simple",
		.in = "EHLO a\r\nMAIL FROM:<a@b> SIZE=3\r\n"
		    "RCPT TO:<c@d>\r\nDATA\r\nhi\r\n..x\r\n.\r\nQUIT\r\n"
		    "foo\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n"
		    "> MAIL FROM:<a@b> SIZE=3 @8+24\n< 250 MAIL\n"
		    "> RCPT TO:<c@d> @32+15\n< 250 RCPT #0\n"
		    "> DATA @47+6\n< 354 DATA\n"
		    "end \"hi\\x0d\\x0a.x\\x0d\\x0a\" size=8 raw=12 "
		    "lines=2 longest=4 dots=1 ended=1 ESMTP <a@b> "
		    "<c@d>=250 @53+12\n< 250 content ends\n> QUIT @65+6\n"
		    "< 221 QUIT\nover",
	},
	{
		.name = "greeting",
		.setup.config.greeting = true,
		.in = "HELO a\r\nQUIT\r\n",
		.want = "< 220 greeting\n> HELO a @0+8\n< 250 HELO\n"
		    "> QUIT @8+6\n< 221 QUIT\nover",
	},
	{
		.name = "rules",
		.replies = { { "RCPT TO:<n", 550, false } },
		.in = "MAIL FROM:<a@b>\r\nEHLO a\r\nRCPT TO:<c@d>\r\n"
		    "DATA\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n"
		    "DATA\r\nRCPT TO:<n@d>\r\nDATA\r\nRCPT TO:<c@d>\r\n"
		    "AUTH PLAIN x\r\nSTARTTLS\r\nRSET\r\n"
		    "RCPT TO:<c@d>\r\nLHLO x\r\n",
		.want = "> MAIL FROM:<a@b> !503 Say hello first @0+17\n"
		    "< 503 MAIL\n> EHLO a @17+8\n< 250 EHLO\n"
		    "> RCPT TO:<c@d> !503 Need MAIL first @25+15\n"
		    "< 503 RCPT\n> DATA !503 Need MAIL first @40+6\n"
		    "< 503 DATA\n> MAIL FROM:<a@b> @46+17\n< 250 MAIL\n"
		    "> MAIL FROM:<a@b> !503 Sender already given @63+17\n"
		    "< 503 MAIL\n> DATA !503 Need RCPT first @80+6\n"
		    "< 503 DATA\n> RCPT TO:<n@d> @86+15\n< 550 RCPT #0\n"
		    "> DATA !554 No valid recipients @101+6\n< 554 DATA\n"
		    "> RCPT TO:<c@d> @107+15\n< 250 RCPT #1\n"
		    "> AUTH PLAIN x !503 Not within a transaction "
		    "@122+14\n< 503 AUTH\n"
		    "> STARTTLS !503 Not within a transaction @136+10\n"
		    "< 503 STARTTLS\n> RSET @146+6\n< 250 RSET\n"
		    "> RCPT TO:<c@d> !503 Need MAIL first @152+15\n"
		    "< 503 RCPT\n"
		    "> LHLO x !500 This is not LMTP: use EHLO @167+8\n"
		    "< 500 LHLO\n",
	},
	{
		.name = "again",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "EHLO b\r\nRCPT TO:<c@d>\r\nMAIL FROM:<a@b>\r\n"
		    "RCPT TO:<c@d>\r\nDATA\r\n.\r\nRCPT TO:<c@d>\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> EHLO b @40+8\n< 250 EHLO\n"
		    "> RCPT TO:<c@d> !503 Need MAIL first @48+15\n"
		    "< 503 RCPT\n> MAIL FROM:<a@b> @63+17\n< 250 MAIL\n"
		    "> RCPT TO:<c@d> @80+15\n< 250 RCPT #0\n"
		    "> DATA @95+6\n< 354 DATA\n"
		    "end \"\" raw=3 ended=1 ESMTP <a@b> <c@d>=250 "
		    "@101+3\n< 250 content ends\n"
		    "> RCPT TO:<c@d> !503 Need MAIL first @104+15\n"
		    "< 503 RCPT\n",
	},
	{
		.name = "utf8",
		.in = "EHLO a\r\nMAIL FROM:<\303\244@b>\r\n"
		    "MAIL FROM:<\303\244@b> SMTPUTF8\r\n"
		    "RCPT TO:<\303\244@d>\r\nDATA\r\n.\r\n"
		    "MAIL FROM:<a@b>\r\nRCPT TO:<\303\244@d>\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n"
		    "> MAIL FROM:<\303\244@b> !553 Address needs "
		    "SMTPUTF8 @8+18\n< 553 MAIL\n"
		    "> MAIL FROM:<\303\244@b> SMTPUTF8 @26+27\n"
		    "< 250 MAIL\n> RCPT TO:<\303\244@d> @53+16\n"
		    "< 250 RCPT #0\n> DATA @69+6\n< 354 DATA\n"
		    "end \"\" raw=3 ended=1 UTF8SMTP <\303\244@b> "
		    "<\303\244@d>=250 @75+3\n< 250 content ends\n"
		    "> MAIL FROM:<a@b> @78+17\n< 250 MAIL\n"
		    "> RCPT TO:<\303\244@d> !553 Address needs SMTPUTF8 "
		    "@95+16\n< 553 RCPT #0\n",
	},
	{
		.name = "refused mail",
		.replies = { { "MAIL FROM:<n", 550, false },
		    { "DATA", 451, false } },
		.in = "EHLO a\r\nMAIL FROM:<n@x>\r\nRCPT TO:<c@d>\r\n"
		    "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nRSET\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<n@x> @8+17\n"
		    "< 550 MAIL\n"
		    "> RCPT TO:<c@d> !503 Need MAIL first @25+15\n"
		    "< 503 RCPT\n> MAIL FROM:<a@b> @40+17\n< 250 MAIL\n"
		    "> RCPT TO:<c@d> @57+15\n< 250 RCPT #0\n"
		    "> DATA @72+6\n< 451 DATA\n> RSET @78+6\n< 250 RSET\n",
	},
	{
		.name = "accepted all the same",
		.replies = { { "RCPT", 250, false }, { "DATA", 354, false } },
		.in = "RCPT TO:<x@y>\r\nDATA x\r\nhi\r\n.\r\n",
		.want = "> RCPT TO:<x@y> !503 Need MAIL first @0+15\n"
		    "< 250 RCPT #0\n> DATA x !501 Syntax: DATA @15+8\n"
		    "< 354 DATA\n"
		    "end \"hi\\x0d\\x0a\" size=4 raw=7 lines=1 longest=4 "
		    "ended=1 SMTP <-> <x@y>=250 @23+7\n"
		    "< 250 content ends\n",
	},
	{
		.name = "pipelined",
		.setup.config.pipeline_max = 9,
		.replies = { { "RCPT TO:<n", 550, false } },
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<n@d>\r\n"
		    "RCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\n"
		    "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\ny\r\n"
		    ".\r\nQUIT\r\n",
		.want = "> EHLO a @0+8\n> MAIL FROM:<a@b> @8+17\n"
		    "> RCPT TO:<n@d> @25+15\n> RCPT TO:<c@d> @40+15\n"
		    "> DATA @55+6\n< 250 EHLO\n< 250 MAIL\n"
		    "< 550 RCPT #0\n< 250 RCPT #1\n< 354 DATA\n"
		    "end \"x\\x0d\\x0a\" size=3 raw=6 lines=1 longest=3 "
		    "ended=1 ESMTP <a@b> <n@d>=550 <c@d>=250 @61+6\n"
		    "> MAIL FROM:<a@b> @67+17\n> RCPT TO:<c@d> @84+15\n"
		    "> DATA @99+6\n< 250 content ends\n< 250 MAIL\n"
		    "< 250 RCPT #0\n< 354 DATA\n"
		    "end \"y\\x0d\\x0a\" size=3 raw=6 lines=1 longest=3 "
		    "ended=1 ESMTP <a@b> <c@d>=250 @105+6\n"
		    "> QUIT @111+6\n< 250 content ends\n< 221 QUIT\nover",
	},
	{
		.name = "full",
		.setup.config.recipients_max = 2,
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<1@d>\r\n"
		    "RCPT TO:<2@d>\r\nRCPT TO:<3@d>\r\nDATA\r\n.\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<1@d> @25+15\n< 250 RCPT #0\n"
		    "> RCPT TO:<2@d> @40+15\n< 250 RCPT #1\n"
		    "> RCPT TO:<3@d> !452 Too many recipients @55+15\n"
		    "< 452 RCPT\n> DATA @70+6\n< 354 DATA\n"
		    "end \"\" raw=3 ended=1 ESMTP <a@b> <1@d>=250 "
		    "<2@d>=250 @76+3\n< 250 content ends\n",
	},
	{
		.name = "lost",
		.setup.config.recipients_max = 1,
		.replies = { { "RCPT", 250, false } },
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<1@d>\r\n"
		    "RCPT TO:<2@d>\r\nRCPT TO:<3@d>\r\nDATA\r\n.\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<1@d> @25+15\n< 250 RCPT #0\n"
		    "> RCPT TO:<2@d> !452 Too many recipients @40+15\n"
		    "< 250 RCPT\n"
		    "> RCPT TO:<3@d> !452 Too many recipients @55+15\n"
		    "< 250 RCPT\n> DATA @70+6\n< 354 DATA\n"
		    "end \"\" raw=3 ended=1 ESMTP <a@b> <1@d>=250 lost=2 "
		    "@76+3\n< 250 content ends\n",
	},
	{
		.name = "lmtp",
		.setup.config.lmtp = true,
		.replies = { { "RCPT TO:<n", 550, false } },
		.in = "EHLO a\r\nLHLO a\r\nMAIL FROM:<a@b>\r\n"
		    "RCPT TO:<c@d>\r\nRCPT TO:<n@d>\r\nRCPT TO:<e@f>\r\n"
		    "DATA\r\nx\r\n.\r\nQUIT\r\n",
		.want = "> EHLO a !500 This is LMTP: use LHLO @0+8\n"
		    "< 500 EHLO\n> LHLO a @8+8\n< 250 LHLO\n"
		    "> MAIL FROM:<a@b> @16+17\n< 250 MAIL\n"
		    "> RCPT TO:<c@d> @33+15\n< 250 RCPT #0\n"
		    "> RCPT TO:<n@d> @48+15\n< 550 RCPT #1\n"
		    "> RCPT TO:<e@f> @63+15\n< 250 RCPT #2\n"
		    "> DATA @78+6\n< 354 DATA\n"
		    "end \"x\\x0d\\x0a\" size=3 raw=6 lines=1 longest=3 "
		    "ended=1 LMTP <a@b> <c@d>=250 <n@d>=550 <e@f>=250 "
		    "@84+6\n< 250 content more #0\n"
		    "< 250 content ends #2\n> QUIT @90+6\n< 221 QUIT\n"
		    "over",
	},
	{
		.name = "lmtp none",
		.setup.config.lmtp = true,
		.replies = { { "DATA", 354, false } },
		.in = "LHLO a\r\nMAIL FROM:<a@b>\r\nDATA\r\n.\r\nQUIT\r\n",
		.want = "> LHLO a @0+8\n< 250 LHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> DATA !503 Need RCPT first @25+6\n"
		    "< 354 DATA\n"
		    "end \"\" raw=3 ended=1 LMTP <a@b> @31+3\n"
		    "< 250 content ends\n> QUIT @34+6\n< 221 QUIT\nover",
	},
	{
		.name = "lmtp chunks",
		.setup.config.lmtp = true,
		.in = "LHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "RCPT TO:<e@f>\r\nBDAT 1\r\nxBDAT 1 LAST\r\nyQUIT\r\n",
		.want = "> LHLO a @0+8\n< 250 LHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> RCPT TO:<e@f> @40+15\n< 250 RCPT #1\n"
		    "> BDAT 1 @55+8\nchunk \"x\" @63+1\n< 250 BDAT\n"
		    "> BDAT 1 LAST @64+13\n"
		    "chunk \"y\" size=2 raw=2 longest=2 LMTP <a@b> "
		    "<c@d>=250 <e@f>=250 @77+1\n< 250 BDAT more #0\n"
		    "< 250 BDAT ends #1\n> QUIT @78+6\n< 221 QUIT\nover",
	},
	{
		.name = "chunks",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 5\r\nhelloBDAT 7 LAST\r\n\r\n.\r\n..QUIT\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 5 @40+8\nchunk \"hello\" @48+5\n< 250 BDAT\n"
		    "> BDAT 7 LAST @53+13\n"
		    "chunk \"\\x0d\\x0a.\\x0d\\x0a..\" size=12 raw=12 "
		    "lines=2 longest=7 like=1 like at=7 ESMTP <a@b> "
		    "<c@d>=250 @66+7\n< 250 BDAT ends\n> QUIT @73+6\n"
		    "< 221 QUIT\nover",
	},
	{
		.name = "chunk last 0",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 0 LAST\r\nMAIL FROM:<a@b>\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 0 LAST @40+13\n"
		    "chunk \"\" ended=1 ESMTP <a@b> <c@d>=250 @53+0\n"
		    "< 250 BDAT ends\n> MAIL FROM:<a@b> @53+17\n"
		    "< 250 MAIL\n",
	},
	{
		.name = "chunk between CR and LF",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 2\r\na\rBDAT 2\r\n\nbBDAT 1 LAST\r\n\r",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 2 @40+8\nchunk \"a\\x0d\" @48+2\n< 250 BDAT\n"
		    "> BDAT 2 @50+8\nchunk \"\\x0ab\" @58+2\n< 250 BDAT\n"
		    "> BDAT 1 LAST @60+13\n"
		    "chunk \"\\x0d\" size=5 raw=5 lines=1 longest=3 cr=1 "
		    "bare at=4 ESMTP <a@b> <c@d>=250 @73+1\n"
		    "< 250 BDAT ends\n",
	},
	{
		.name = "chunk cut",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 10\r\n123456789",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 10 @40+9\ncut \"123456789\"",
	},
	{
		.name = "chunk sizes",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT -1\r\nBDAT 1x\r\nBDAT 99999999999999999999\r\n"
		    "BDAT 9223372036854775808\r\nabc",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT -1 !521 Syntax: BDAT size [LAST] @40+9\n"
		    "< 521 BDAT ends\n"
		    "> BDAT 1x !521 Syntax: BDAT size [LAST] @49+9\n"
		    "< 521 BDAT\n"
		    "> BDAT 99999999999999999999 !521 Syntax: BDAT size "
		    "[LAST] @58+27\n< 521 BDAT\n"
		    "> BDAT 9223372036854775808 !503 A chunk has failed: "
		    "need RSET @85+26\ncut \"abc\"",
	},
	{
		.name = "chunk 4G",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 4294967296\r\nabc",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 4294967296 @40+17\ncut \"abc\"",
	},
	{
		.name = "chunk then DATA",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 1\r\nxDATA\r\nRCPT TO:<c@d>\r\nBDAT 0 LAST\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 1 @40+8\nchunk \"x\" @48+1\n< 250 BDAT\n"
		    "> DATA !503 BDAT has begun @49+6\n< 503 DATA\n"
		    "> RCPT TO:<c@d> !503 BDAT has begun @55+15\n"
		    "< 503 RCPT #1\n> BDAT 0 LAST @70+13\n"
		    "chunk \"\" size=1 raw=1 longest=1 ESMTP <a@b> "
		    "<c@d>=250 <c@d>=503 @83+0\n< 250 BDAT ends\n",
	},
	{
		.name = "RSET between",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 1\r\n\nRSET\r\nBDAT 6 LAST\r\nNOOP\r\n"
		    "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 1 LAST\r\n"
		    "xQUIT\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 1 @40+8\nchunk \"\\x0a\" @48+1\n< 250 BDAT\n"
		    "> RSET @49+6\n< 250 RSET\n"
		    "> BDAT 6 LAST !503 Need MAIL first @55+13\n"
		    "chunk \"NOOP\\x0d\\x0a\" size=6 raw=6 lines=1 "
		    "longest=6 ended=1 ESMTP <-> !503 Need MAIL first "
		    "@68+6\n< 503 BDAT\n> MAIL FROM:<a@b> @74+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @91+15\n< 250 RCPT #0\n"
		    "> BDAT 1 LAST @106+13\n"
		    "chunk \"x\" size=1 raw=1 longest=1 ESMTP <a@b> "
		    "<c@d>=250 @119+1\n< 250 BDAT ends\n> QUIT @120+6\n"
		    "< 221 QUIT\nover",
	},
	{
		.name = "chunk refused",
		.replies = { { "BDAT 6", 452, false } },
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 6\r\nQUIT\r\nBDAT 2 LAST\r\n"
		    "12MAIL FROM:<a@b>\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 6 @40+8\nchunk \"QUIT\\x0d\\x0a\" @48+6\n"
		    "< 452 BDAT ends\n"
		    "> BDAT 2 LAST !503 A chunk has failed: need RSET "
		    "@54+13\n"
		    "chunk \"12\" size=8 raw=8 lines=1 longest=6 ESMTP "
		    "<a@b> <c@d>=250 !503 A chunk has failed: need RSET "
		    "@67+2\n< 503 BDAT\n> MAIL FROM:<a@b> @69+17\n"
		    "< 250 MAIL\n",
	},
	{
		.name = "chunk refused early",
		.replies = { { "BDAT 6", 552, true } },
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 6\r\nQUIT\r\nBDAT 2 LAST\r\n"
		    "12MAIL FROM:<a@b>\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> BDAT 6 @40+8\n< 552 BDAT ends unseen\n"
		    "chunk \"QUIT\\x0d\\x0a\" !503 This chunk was "
		    "refused @48+6\n"
		    "> BDAT 2 LAST !503 A chunk has failed: need RSET "
		    "@54+13\n"
		    "chunk \"12\" size=8 raw=8 lines=1 longest=6 ESMTP "
		    "<a@b> <c@d>=250 !503 A chunk has failed: need RSET "
		    "@67+2\n< 503 BDAT\n> MAIL FROM:<a@b> @69+17\n"
		    "< 250 MAIL\n",
	},
	{
		.name = "chunk nowhere",
		.in = "BDAT 6\r\nRSET\r\nEHLO a\r\nMAIL FROM:<a@b>\r\n"
		    "BDAT 6 LAST\r\nRSET\r\nQUIT\r\n",
		.want = "> BDAT 6 !503 Need MAIL first @0+8\n"
		    "chunk \"RSET\\x0d\\x0a\" !503 Need MAIL first @8+6\n"
		    "< 503 BDAT\n> EHLO a @14+8\n< 250 EHLO\n"
		    "> MAIL FROM:<a@b> @22+17\n< 250 MAIL\n"
		    "> BDAT 6 LAST !503 Need RCPT first @39+13\n"
		    "chunk \"RSET\\x0d\\x0a\" size=6 raw=6 lines=1 "
		    "longest=6 ended=1 ESMTP <a@b> !503 Need RCPT first "
		    "@52+6\n< 503 BDAT ends\n> QUIT @58+6\n< 221 QUIT\n"
		    "over",
	},
	{
		.name = "chunk accepted all the same",
		.replies = { { "RCPT", 250, false }, { "BDAT", 250, false } },
		.in = "BDAT 2 LAST\r\nhiQUIT\r\n",
		.want = "> BDAT 2 LAST !503 Need MAIL first @0+13\n"
		    "chunk \"hi\" size=2 raw=2 longest=2 SMTP <-> !503 "
		    "Need MAIL first @13+2\n< 250 BDAT ends\n"
		    "> QUIT @15+6\n< 221 QUIT\nover",
	},
	{
		.name = "chunks pipelined",
		.setup.config.pipeline_max = 5,
		.replies = { { "MAIL FROM:<n", 550, false } },
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 1 LAST\r\nxMAIL FROM:<n@x>\r\nRCPT TO:<c@d>\r\n"
		    "BDAT 2 LAST\r\nhiQUIT\r\n",
		.want = "> EHLO a @0+8\n> MAIL FROM:<a@b> @8+17\n"
		    "> RCPT TO:<c@d> @25+15\n> BDAT 1 LAST @40+13\n"
		    "chunk \"x\" size=1 raw=1 longest=1 SMTP <-> @53+1\n"
		    "< 250 EHLO\n< 250 MAIL\n< 250 RCPT #0\n"
		    "< 250 BDAT ends\n> MAIL FROM:<n@x> @54+17\n"
		    "> RCPT TO:<c@d> @71+15\n> BDAT 2 LAST @86+13\n"
		    "chunk \"hi\" size=2 raw=2 longest=2 ESMTP <-> "
		    "@99+2\n< 550 MAIL\n< 250 RCPT #0\n< 250 BDAT ends\n"
		    "> QUIT @101+6\n< 221 QUIT\nover",
	},
	{
		.name = "binary",
		.in = "EHLO a\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\n"
		    "RCPT TO:<c@d>\r\nDATA\r\nBDAT 3 LAST\r\n\001\r\002",
		.want = "> EHLO a @0+8\n< 250 EHLO\n"
		    "> MAIL FROM:<a@b> BODY=BINARYMIME @8+33\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @41+15\n< 250 RCPT #0\n"
		    "> DATA !503 BINARYMIME needs BDAT @56+6\n"
		    "< 503 DATA\n> BDAT 3 LAST @62+13\n"
		    "chunk \"\\x01\\x0d\\x02\" size=3 raw=3 longest=3 "
		    "cr=1 bare at=1 ESMTP <a@b> <c@d>=250 @75+3\n"
		    "< 250 BDAT ends\n",
	},
	{
		.name = "tls",
		.in = "EHLO a\r\nSTARTTLS\r\nRSET\r\nMAIL FROM:<a@b>\r\n"
		    "EHLO a\r\nSTARTTLS\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> STARTTLS @8+10\n"
		    "< 220 STARTTLS\ntls\n> RSET @18+6\n< 250 RSET\n"
		    "> MAIL FROM:<a@b> !503 Say hello first @24+17\n"
		    "< 503 MAIL\n> EHLO a @41+8\n< 250 EHLO\n"
		    "> STARTTLS !503 TLS is active already @49+10\n"
		    "< 503 STARTTLS\n",
	},
	{
		.name = "tls refused",
		.replies = { { "STARTTLS", 454, false } },
		.in = "EHLO a\r\nSTARTTLS\r\nRSET\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> STARTTLS @8+10\n"
		    "< 454 STARTTLS\n> RSET @18+6\n< 250 RSET\n",
	},
	{
		.name = "auth",
		.replies = { { "?", 334, false } },
		.in = "EHLO a\r\nAUTH LOGIN\r\ndXNlcg==\r\n*\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> AUTH LOGIN @8+12\n"
		    "< 334 AUTH\nresponse dXNlcg== @20+10\n"
		    "< 334 response\nresponse * @30+3\n< 334 response\n",
	},
	{
		.name = "auth done",
		.in = "EHLO a\r\nAUTH PLAIN\r\nAGEAYg==\r\n"
		    "MAIL FROM:<a@b>\r\nAUTH PLAIN\r\nRSET\r\n"
		    "AUTH PLAIN\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> AUTH PLAIN @8+12\n"
		    "< 334 AUTH\nresponse AGEAYg== @20+10\n"
		    "< 235 response\n> MAIL FROM:<a@b> @30+17\n"
		    "< 250 MAIL\n"
		    "> AUTH PLAIN !503 Not within a transaction @47+12\n"
		    "< 503 AUTH\n> RSET @59+6\n< 250 RSET\n"
		    "> AUTH PLAIN !503 Already authenticated @65+12\n"
		    "< 503 AUTH\n",
	},
	{
		.name = "auth at once",
		.replies = { { "AUTH", 235, false } },
		.in = "EHLO a\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@b>\r\n"
		    "RCPT TO:<c@d>\r\nDATA\r\n.\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n"
		    "> AUTH PLAIN AGEAYg== @8+21\n< 235 AUTH\n"
		    "> MAIL FROM:<a@b> @29+17\n< 250 MAIL\n"
		    "> RCPT TO:<c@d> @46+15\n< 250 RCPT #0\n"
		    "> DATA @61+6\n< 354 DATA\n"
		    "end \"\" raw=3 ended=1 ESMTPA <a@b> <c@d>=250 "
		    "@67+3\n< 250 content ends\n",
	},
	{
		.name = "auth long",
		.setup.config.response_max = 10,
		.replies = { { "!", 500, false } },
		.in = "EHLO a\r\nAUTH PLAIN\r\n123456789012\r\nNOOP\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> AUTH PLAIN @8+12\n"
		    "< 334 AUTH\n"
		    "bad 1234567890 flaws=1 !500 Line too long @20+10\n"
		    "< 500 bad line\n> NOOP @34+6\n< 250 NOOP\n",
	},
	{
		.name = "xclient",
		.in = "EHLO a\r\nXCLIENT NAME=mx ADDR=192.0.2.1\r\n"
		    "MAIL FROM:<a@b>\r\nEHLO a\r\nXFORWARD NAME=+0Dx\r\n"
		    "MAIL FROM:<a@b>\r\n",
		.want = "> EHLO a @0+8\n< 250 EHLO\n"
		    "> XCLIENT NAME=mx ADDR=192.0.2.1 @8+32\n"
		    "< 220 XCLIENT\n"
		    "> MAIL FROM:<a@b> !503 Say hello first @40+17\n"
		    "< 503 MAIL\n> EHLO a @57+8\n< 250 EHLO\n"
		    "> XFORWARD NAME=+0Dx !501 Bad attribute @65+20\n"
		    "< 501 XFORWARD\n> MAIL FROM:<a@b> @85+17\n"
		    "< 250 MAIL\n",
	},
	{
		.name = "long",
		.setup.config.line_max = 10,
		.in = "NOOP 123\r\nNOOP 1234\r\n"
		    "NOOP 12345678901234567890\r\nQUIT\r\n",
		.want = "> NOOP 123 @0+10\n< 250 NOOP\n"
		    "bad NOOP 1234\\x0d flaws=1 !500 Line too long "
		    "@10+10\n< 500 bad line\n"
		    "bad NOOP 12345 flaws=1 !500 Line too long @21+10\n"
		    "< 500 bad line\n> QUIT @48+6\n< 221 QUIT\nover",
	},
	{
		.name = "long no end",
		.setup.config.line_max = 10,
		.in = "NOOP 1234567890123",
		.want = "bad NOOP 12345 flaws=1 !500 Line too long @0+10\n"
		    "< 500 bad line\n",
	},
	{
		.name = "bare",
		.in = "NOOP\nNOOP a\rb\r\nNOOP\r\r\n\nQUIT\r\n",
		.want = "bad NOOP flaws=8 !521 Bare line feed @0+5\n"
		    "< 521 bad line\n"
		    "bad NOOP a\\x0db flaws=4 !521 Bare carriage return "
		    "@5+10\n< 521 bad line\n"
		    "bad NOOP\\x0d flaws=4 !521 Bare carriage return "
		    "@15+7\n< 521 bad line\n"
		    "bad  flaws=8 !521 Bare line feed @22+1\n"
		    "< 521 bad line\n> QUIT @23+6\n< 221 QUIT\nover",
	},
	{
		.name = "lenient",
		.setup.config.lenient = true,
		.in = "NOOP\nNOOP a\rb\r\nNOOP\r\r\n\nQUIT\r\n",
		.want = "> NOOP flaws=8 @0+5\n< 250 NOOP\n"
		    "bad NOOP a\\x0db flaws=4 !521 Bare carriage return "
		    "@5+10\n< 521 bad line\n> NOOP flaws=4 @15+7\n"
		    "< 250 NOOP\n"
		    ">  flaws=8 !500 Command not recognized @22+1\n"
		    "< 500 \n> QUIT @23+6\n< 221 QUIT\nover",
	},
	{
		.name = "loose",
		.setup.config.lenient = true,
		.setup.config.loose = true,
		.in = "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nhi\n"
		    "..\n.\nQUIT\n",
		.want = "> EHLO a flaws=8 @0+7\n< 250 EHLO\n"
		    "> MAIL FROM:<a@b> flaws=8 @7+16\n< 250 MAIL\n"
		    "> RCPT TO:<c@d> flaws=8 @23+14\n< 250 RCPT #0\n"
		    "> DATA flaws=8 @37+5\n< 354 DATA\n"
		    "end \"hi\\x0a.\\x0a\" size=5 raw=8 lines=2 "
		    "longest=3 dots=1 lf=2 bare at=2 ended=1 ESMTP <a@b> "
		    "<c@d>=250 @42+8\n< 250 content ends\n"
		    "> QUIT flaws=8 @50+5\n< 221 QUIT\nover",
	},
	{
		.name = "cut line",
		.in = "EHLO a\r\nMAI",
		.want = "> EHLO a @0+8\n< 250 EHLO\n",
	},
	{
		.name = "cut content",
		.in = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		    "DATA\r\nhi\r\n.\r",
		.want = "> EHLO a @0+8\n< 250 EHLO\n> MAIL FROM:<a@b> @8+17\n"
		    "< 250 MAIL\n> RCPT TO:<c@d> @25+15\n< 250 RCPT #0\n"
		    "> DATA @40+6\n< 354 DATA\ncut \"hi\\x0d\\x0a\"",
	},
	{
		.name = "quit refused",
		.replies = { { "QUIT", 500, false } },
		.in = "QUIT\r\nNOOP\r\n",
		.want = "> QUIT @0+6\n< 500 QUIT\n> NOOP @6+6\n< 250 NOOP\n",
	},
	{
		.name = "421",
		.replies = { { "NOOP", 421, false } },
		.in = "NOOP\r\nRSET\r\n",
		.want = "> NOOP @0+6\n< 421 NOOP\n> RSET @6+6\n< 250 RSET\n",
	},
};

static void
test_sessions(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct session_test_setup setup = cases[i].setup;
		const struct cuts_test test = session_test(&setup);

		setup.replies = cases[i].replies;
		cuts_test_assert(&test, cases[i].in, strlen(cases[i].in),
		    cases[i].want);
	}
}

/* Feed TEXT and answer 250, or 354, until it is used up. */
static void
play(struct ms_session *session, const char *text)
{
	size_t used, left = strlen(text);
	struct ms_event event;

	for (;;) {
		const enum ms_status status = ms_session_feed(session, text,
		    left, &used, &event);

		text += used;
		left -= used;
		if (status == MS_OK && event.kind == MS_EVENT_COMMAND &&
		    event.request->verb == MS_VERB_DATA)
			assert_int_equal(MS_OK, ms_session_answer(session,
			    354, NULL, NULL));
		else if (status == MS_END && ms_session_waits(session))
			assert_int_equal(MS_OK, ms_session_answer(session,
			    250, "2.0.0 Ok", NULL));
		else if (status == MS_END)
			break;
	}
	assert_int_equal(0, left);
}

static void
test_state(void **state)
{
	static const struct ms_session_config config = { 0 };
	struct ms_session *session = ms_session_new(&config);
	const struct ms_session_state *s = ms_session_state(session);
	const struct ms_recipient *recipient;
	const struct ms_keyword *keyword;
	struct ms_event event;
	size_t used;

	(void)state;
	play(session, "EHLO mx.example.org\r\n"
	    "XFORWARD NAME=one ADDR=192.0.2.1\r\nXFORWARD NAME=two\r\n"
	    "MAIL FROM:<@r:a@b> SIZE=77 BODY=8BITMIME RET=HDRS ENVID=q+2B "
	    "AUTH=c@d\r\nRCPT TO:<e@f> NOTIFY=DELAY ORCPT=rfc822;g@h\r\n");
	assert_string_equal("mx.example.org", s->helo);
	assert_int_equal(MS_VERB_EHLO, s->hello);
	assert_true(s->open && s->has_size && s->announced == 77);
	assert_string_equal("a@b", s->sender.text);
	assert_string_equal("@r", s->sender.route);
	assert_string_equal("b", s->sender.domain);
	assert_int_equal(MS_BODY_8BITMIME, s->body);
	assert_int_equal(MS_RET_HDRS, s->ret);
	assert_string_equal("q+", s->envid);
	assert_string_equal("c@d", s->auth);
	assert_string_equal("FROM:<@r:a@b> SIZE=77 BODY=8BITMIME RET=HDRS "
	    "ENVID=q+2B AUTH=c@d", s->argument);
	assert_int_equal(1, s->recipients->len);
	recipient = &g_array_index(s->recipients, struct ms_recipient, 0);
	assert_string_equal("e@f", recipient->address.text);
	assert_string_equal("TO:<e@f> NOTIFY=DELAY ORCPT=rfc822;g@h",
	    recipient->argument);
	assert_string_equal("rfc822;g@h", recipient->orcpt);
	assert_int_equal(MS_NOTIFY_DELAY, recipient->notify);
	assert_int_equal(250, recipient->code);
	assert_string_equal("2.0.0 Ok", recipient->reply);
	assert_int_equal(0, s->client->len);
	assert_int_equal(2, s->forwarded->len);
	assert_string_equal("two", ms_standing_said(s, "NAME"));
	assert_string_equal("192.0.2.1", ms_standing_said(s, "ADDR"));
	assert_null(ms_standing_said(s, "HELO"));
	keyword = &g_array_index(s->forwarded, struct ms_keyword, 1);
	assert_string_equal("NAME", keyword->name);
	assert_string_equal("two", keyword->value);
	/* It stays until the machine goes on. */
	play(session, "DATA\r\n");
	assert_int_equal(MS_OK, ms_session_feed(session, ".\r\n", 3, &used,
	    &event));
	assert_int_equal(MS_EVENT_CONTENT_END, event.kind);
	assert_int_equal(MS_OK, ms_session_answer(session, 250, NULL, NULL));
	assert_true(s->open);
	play(session, "");
	assert_true(!s->open && !s->sender.text && !s->has_size);
	assert_int_equal(0, s->recipients->len);
	assert_string_equal("mx.example.org", s->helo);
	/* XFORWARD was about one message, XCLIENT is about all. */
	assert_int_equal(0, s->forwarded->len);
	play(session, "XCLIENT NAME=three ADDR=192.0.2.3\r\n"
	    "EHLO a\r\nXFORWARD NAME=[UNAVAILABLE] HELO=b\r\n"
	    "MAIL FROM:<a@b>\r\n");
	assert_string_equal("three", ms_standing_said(s, "NAME"));
	assert_string_equal("192.0.2.3", ms_standing_said(s, "ADDR"));
	assert_string_equal("b", ms_standing_said(s, "HELO"));
	play(session, "RSET\r\n");
	assert_null(ms_standing_said(s, "HELO"));
	assert_string_equal("192.0.2.3", ms_standing_said(s, "ADDR"));
	ms_session_free(session);
	ms_session_free(NULL);
}

static void
test_owes(void **state)
{
	static const struct ms_session_config config = {
		.greeting = true,
		.pipeline_max = 3,
	};
	struct ms_session *session = ms_session_new(&config);
	static const char text[] = "EHLO a\r\nNOOP\r\nRSET\r\n";
	struct ms_answered answered;
	struct ms_event event;
	size_t used, at = 0;

	(void)state;
	assert_int_equal(1, ms_session_owes(session));
	assert_false(ms_session_waits(session));
	while (ms_session_feed(session, text + at, strlen(text) - at, &used,
	    &event) == MS_OK)
		at += used;
	/* The greeting is one of them. */
	assert_int_equal(14, at);
	assert_int_equal(3, ms_session_owes(session));
	assert_true(ms_session_waits(session));
	assert_int_equal(MS_OK, ms_session_answer(session, 220, NULL,
	    &answered));
	assert_int_equal(MS_ASKED_GREETING, answered.asked);
	assert_int_equal(MS_OK, ms_session_answer(session, 250, NULL,
	    &answered));
	assert_int_equal(MS_VERB_EHLO, answered.verb);
	assert_int_equal(0, answered.offset);
	assert_int_equal(MS_OK, ms_session_answer(session, 250, NULL,
	    &answered));
	assert_int_equal(MS_VERB_NOOP, answered.verb);
	assert_int_equal(8, answered.offset);
	/* Nobody asked. */
	assert_int_equal(MS_END, ms_session_answer(session, 421, NULL,
	    &answered));
	assert_int_equal(MS_ASKED_NOTHING, answered.asked);
	ms_session_free(session);
}

/* Content whose end was lost: the reply of the server ends it. */
static void
test_gap(void **state)
{
	static const struct ms_session_config config = { 0 };
	struct ms_session *session = ms_session_new(&config);
	struct ms_answered answered;

	(void)state;
	play(session, "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
	    "DATA\r\nhi\r\n");
	assert_true(ms_session_in_content(session));
	assert_false(ms_session_skip(session, 1460));
	assert_true(ms_session_in_content(session));
	play(session, ".\r\n");
	assert_true(ms_session_in_content(session));
	assert_int_equal(MS_OK, ms_session_answer(session, 250, NULL,
	    &answered));
	assert_true(answered.unseen && answered.ends);
	assert_int_equal(MS_ASKED_CONTENT, answered.asked);
	assert_false(ms_session_in_content(session));
	assert_true(ms_session_state(session)->open);
	/* A line of which the middle was lost is none. */
	play(session, "MAIL FR");
	assert_false(ms_session_skip(session, 3));
	play(session, "@b>\r\nMAIL FROM:<e@f>\r\n");
	assert_string_equal("e@f", ms_session_state(session)->sender.text);
	/* In a chunk it is known what was lost. */
	play(session, "BDAT 10 LAST\r\n123");
	assert_true(ms_session_skip(session, 4));
	play(session, "8");
	assert_true(ms_session_skip(session, 2));
	play(session, "MAIL FROM:<g@h>\r\n");
	assert_string_equal("g@h", ms_session_state(session)->sender.text);
	/* But not what was if it was more. */
	play(session, "BDAT 10 LAST\r\n123");
	assert_false(ms_session_skip(session, 8));
	play(session, "MAIL FROM:<i@j>\r\n");
	assert_string_equal("i@j", ms_session_state(session)->sender.text);
	/* Nor of nobody knows how much: the reply ends it. */
	play(session, "BDAT 10 LAST\r\n123");
	assert_false(ms_session_skip(session, 0));
	assert_int_equal(MS_OK, ms_session_answer(session, 250, NULL,
	    &answered));
	assert_true(answered.unseen && answered.ends);
	play(session, "MAIL FROM:<k@l>\r\n");
	assert_string_equal("k@l", ms_session_state(session)->sender.text);
	ms_session_free(session);
}

/* A server that takes LF . LF to be the end says so by its reply. */
static void
test_lenient_server(void **state)
{
	static const struct ms_session_config config = { 0 };
	struct ms_session *session = ms_session_new(&config);
	struct ms_answered answered;

	(void)state;
	play(session, "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
	    "DATA\r\nhi\n.\n");
	assert_true(ms_session_in_content(session));
	assert_int_equal(MS_OK, ms_session_answer(session, 250, NULL,
	    &answered));
	assert_true(answered.unseen && answered.ends);
	play(session, "MAIL FROM:<smug@x>\r\n");
	assert_string_equal("smug@x", ms_session_state(session)->sender.text);
	ms_session_free(session);
}

/* 10,000 recipients take no memory beyond the limit, and 2^63 bytes none at
 * all. */
static void
test_many(void **state)
{
	static const struct ms_session_config config = { 0 };
	struct ms_session *session = ms_session_new(&config);
	GString *text = g_string_new("EHLO a\r\nMAIL FROM:<a@b>\r\n");

	(void)state;
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(text, "RCPT TO:<%d@example.org>\r\n", i);
	play(session, text->str);
	assert_int_equal(1000, ms_session_state(session)->recipients->len);
	assert_int_equal(1000, ms_session_state(session)->accepted);
	assert_int_equal(9000, ms_session_state(session)->lost);
	play(session, "BDAT 9223372036854775808 LAST\r\n");
	assert_true(ms_session_skip(session, ((uint64_t)1 << 63) - 2));
	play(session, "ab");
	assert_false(ms_session_in_content(session));
	ms_session_free(session);
	g_string_free(text, TRUE);
}

/* A command of a megabyte is told once, and its rest is no command. */
static void
test_endless(void **state)
{
	static const struct ms_session_config config = { 0 };
	struct ms_session *session = ms_session_new(&config);
	char *line = g_strnfill(1 << 20, 'x');
	struct ms_event event;
	size_t used;

	(void)state;
	assert_int_equal(MS_OK, ms_session_feed(session, line, 1 << 20, &used,
	    &event));
	assert_int_equal(MS_EVENT_BAD_LINE, event.kind);
	assert_int_equal(MS_LINE_LONG, event.flaws);
	assert_int_equal(4096, event.data_size);
	assert_int_equal(4096, used);
	assert_int_equal(MS_OK, ms_session_answer(session, 500, NULL, NULL));
	assert_int_equal(MS_END, ms_session_feed(session, line, 1 << 20,
	    &used, &event));
	assert_int_equal(1 << 20, used);
	play(session, "MAIL FROM:<a@b>\r\n");
	assert_null(ms_session_state(session)->sender.text);
	play(session, "MAIL FROM:<a@b>\r\n");
	assert_string_equal("a@b", ms_session_state(session)->sender.text);
	ms_session_free(session);
	g_free(line);
}

/* A NUL makes a line none, in lenient sessions as well: what is behind it is
 * not to be lost. */
static void
test_nul(void **state)
{
	static const char text[] = "MAIL FROM:<a\0@b>\r\nQUIT\r\n";

	(void)state;
	for (int lenient = 0; lenient < 2; lenient++) {
		const struct session_test_setup setup = {
			.config.lenient = lenient,
		};
		const struct cuts_test test = session_test(&setup);
		GString *log = cuts_test_all(&test, text, sizeof text - 1, 1,
		    NULL);

		assert_non_null(log);
		assert_string_equal("bad MAIL FROM:<a\\x00@b> flaws=2 !500 "
		    "NUL in a command @0+18\n< 500 bad line\n"
		    "> QUIT @18+6\n< 221 QUIT\nover", log->str);
		g_string_free(log, TRUE);
	}
}

/* What came before TLS was not said within it. */
static void
test_injected(void **state)
{
	static const char text[] = "STARTTLS\r\nRSET\r\n";
	static const struct ms_session_config config = { 0 };
	struct ms_session *session = ms_session_new(&config);
	struct ms_event event;
	size_t used;

	(void)state;
	assert_int_equal(MS_OK, ms_session_feed(session, text, strlen(text),
	    &used, &event));
	assert_int_equal(10, used);
	assert_int_equal(MS_END, ms_session_feed(session, text + 10, 6, &used,
	    &event));
	assert_int_equal(0, used);
	assert_true(ms_session_waits(session));
	assert_int_equal(MS_OK, ms_session_answer(session, 220, NULL, NULL));
	assert_int_equal(MS_OK, ms_session_feed(session, text + 10, 6, &used,
	    &event));
	assert_int_equal(0, used);
	assert_int_equal(MS_EVENT_TLS, event.kind);
	assert_int_equal(6, event.size);
	assert_true(ms_session_waits(session));
	assert_int_equal(MS_END, ms_session_feed(session, text + 10, 6, &used,
	    &event));
	assert_int_equal(0, used);
	ms_session_secured(session);
	assert_true(ms_session_state(session)->tls);
	play(session, "EHLO a\r\n");
	assert_string_equal("ESMTPS", ms_session_protocol(session));
	ms_session_free(session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_owes),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_lenient_server),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_injected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
