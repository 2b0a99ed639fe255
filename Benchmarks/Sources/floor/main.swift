// floor copy|link|reflink THREADS SOURCE DESTINATION
//
// The least that the job takes: what is between repot and this is repot's own doing.
import Glibc

// The source's modes count, and no mask.
umask(0)
let words = CommandLine.arguments
guard words.count == 5, let task = Task(rawValue: words[1]), let threads = Int(words[2]), threads > 0 else {
    giveUp("usage: floor copy|link|reflink THREADS SOURCE DESTINATION", status: 2)
}
let crew = Crew(threads: threads)
let root = Folder(words[3], in: nil)
root.open(as: Array(words[4].utf8CString))
crew.push(Crew.Job(folder: root, isOpen: true))
let links = LinkTable()
crew.run { Mover(task, crew, links).work() }
