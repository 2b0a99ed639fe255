import CEntry
import Commands

centry_begin()
EntryPoint.main(centry_argument_count(), centry_arguments())
