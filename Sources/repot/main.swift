import CEntry
import Commands

centry_restore_environment()
EntryPoint.main(centry_argument_count(), centry_arguments())
