extension GNUCase {
    static let all = files + directories + following + keeping + placing + linking + spelling + mistakes

    private static let files = [
        GNUCase("file new"), GNUCase("file exec new"), GNUCase("file target"), GNUCase("file exec target"),
        GNUCase("file target/"), GNUCase("file new/"), GNUCase("file missing/new"), GNUCase("missing new"),
        GNUCase("exec file"), GNUCase("setid new"), GNUCase("secret new"), GNUCase("open new"),
        GNUCase("open new", before: "umask"), GNUCase("sparse new"), GNUCase("two~words new~words"),
        GNUCase("-- -dash target"), GNUCase("-v file exec target"), GNUCase("-v file new"),
        GNUCase("-n file exec"), GNUCase("-n file exec target"), GNUCase("-f file exec"),
        GNUCase("-f exec target/file"), GNUCase("file file"), GNUCase("file ./file", except: [.words]),
        GNUCase("file link"),
        GNUCase("link file"), GNUCase("-f file file"), GNUCase("file dir/fifo/x", except: [.words]),
        GNUCase("file broken"),
        GNUCase("file dirlink"), GNUCase("exec link"), GNUCase("-f exec link"), GNUCase("missing file target"),
        GNUCase("dir/a dir/b"), GNUCase("file file target"), GNUCase("file exec missing"), GNUCase("file exec file"),
    ]

    private static let directories = [
        GNUCase("-R dir new"), GNUCase("-r dir new"), GNUCase("-a dir new"), GNUCase("-R dir target"),
        GNUCase("-a dir target"), GNUCase("-R dir plain target"), GNUCase("-R dir/ new"), GNUCase("-R dir/. new"),
        GNUCase("-R dir/. target"), GNUCase("-a plain/. target"), GNUCase("dir new"), GNUCase("dir file target"),
        GNUCase("-R dir dir", except: [.tree]), GNUCase("-R dir dir/new", except: [.tree]),
        GNUCase("-R dir ./dir/closed", except: [.tree]), GNUCase("-R plain plain", except: [.tree]),
        GNUCase("-RT plain plain"), GNUCase("-R . target", except: [.tree]), GNUCase("-R plain file"),
        GNUCase("-R file dir target"),
        GNUCase("-R file target/dir"), GNUCase("-RT file target/dir"), GNUCase("-R plain new/"),
        GNUCase("-Rv plain target"), GNUCase("-Rv dir new"), GNUCase("-av dir target", except: [.output]),
        GNUCase("-Rn dir target"),
        GNUCase("-Rf dir target"), GNUCase("-R target dir"), GNUCase("-R plain missing/new"),
        GNUCase("-RT dir target/dir"), GNUCase("-aT dir new"), GNUCase("-R dir dir target"),
        GNUCase("file plain/file target"), GNUCase("-R dir target/dir plain"), GNUCase("-n file plain/file target"),
        GNUCase("-a dir target/dir plain"), GNUCase("-v dir/a target/dir/a plain"), GNUCase("-R plain plain/ target"),
        GNUCase("-P link plain/link plain/empty"), GNUCase("-l file plain/file plain/empty"),
        GNUCase("-R dir target", before: "chmod 700 target; touch target/dir/sub"),
        GNUCase("-R dir target", before: "rm -r target/dir; touch target/dir"),
        GNUCase("-R dir target", before: "mkdir target/dir/link"),
        GNUCase("-a dir target", before: "rm -r target/dir; ln -s ../plain target/dir"),
        GNUCase("-RT plain dirlink"), GNUCase("-RT plain dirlink/"), GNUCase("-R plain dirlink"),
        GNUCase("-R plain/. dirlink"), GNUCase("-a plain/. dirlink/."),
        GNUCase("-R dir new", before: "umask"), GNUCase("-a dir new", before: "umask"),
        GNUCase("-R dir new", before: "setfacl -d -m u:7:rwx,g::rwx,o::rwx ."),
        GNUCase("open secret target", before: "setfacl -d -m u:7:rwx,g::rwx,o::rx target"),
        GNUCase("-a dir new", before: "setfacl -d -m u:7:rwx,g::rwx .", except: [.tree]),
        GNUCase("-R dir new", before: "chgrp 99 . && chmod g+s ."),
        GNUCase("-Rp dir new", before: "chgrp 99 . && chmod g+s .", except: [.tree]),
        GNUCase("-R dir new", before: "setfacl -m u:7:rwx,d:u:8:rx dir"),
        GNUCase("-a dir new", before: "setfacl -m u:7:rwx,d:u:8:rx dir"),
        GNUCase("-x -R dir new"),
    ]

    private static let following = [
        GNUCase("link new"), GNUCase("-P link new"), GNUCase("-L link new"), GNUCase("-H link new"),
        GNUCase("-d link new"), GNUCase("-a link new"), GNUCase("-R link new"), GNUCase("-RH link new"),
        GNUCase("-RL link new"), GNUCase("-RP link new"), GNUCase("-RL plain new"), GNUCase("-RH plain new"),
        GNUCase("-RP plain new"), GNUCase("-R dirlink new"), GNUCase("-RH dirlink new"), GNUCase("-R dirlink/ new"),
        GNUCase("-RL dir new"), GNUCase("broken new"), GNUCase("-P broken new"), GNUCase("-L broken new"),
        GNUCase("-d dir/link dir/dangling target"), GNUCase("-P link target/file"), GNUCase("-P link exec"),
        GNUCase("-RL dir target/dir/new", before: "rm dir/dangling; ln -sfn . dir/loop"), GNUCase("-RL plain target"),
        GNUCase("-P link link"), GNUCase("-PL link new"), GNUCase("-LP link new"), GNUCase("-aL plain new"),
        GNUCase("-P file link"), GNUCase("-d link dirlink new"), GNUCase("-RPL dirlink new"),
    ]

    private static let keeping = [
        GNUCase("-p file new"), GNUCase("-p other new"), GNUCase("-p setid new"), GNUCase("-p listed new"),
        GNUCase("-p tagged new"), GNUCase("--preserve=xattr tagged new"), GNUCase("--preserve=all listed new"),
        GNUCase("--preserve=mode setid new"), GNUCase("--preserve=ownership other new"),
        GNUCase("--preserve=timestamps other new"), GNUCase("--preserve=timestamps,mode other new"),
        GNUCase("-R --preserve=links dir new"), GNUCase("--preserve=links dir/a dir/b target"),
        GNUCase("dir/a dir/b target"), GNUCase("-d dir/a dir/b target"), GNUCase("-a dir/a dir/b target"),
        GNUCase("--no-preserve=mode setid new"), GNUCase("--no-preserve=mode exec new"),
        GNUCase("-a --no-preserve=mode dir new"), GNUCase("-a --no-preserve=timestamps dir new"),
        GNUCase("-a --no-preserve=ownership other new"), GNUCase("-a --no-preserve=links dir new"),
        GNUCase("-a --no-preserve=xattr tagged new"), GNUCase("-a --no-preserve=all dir new"),
        GNUCase("-R --no-preserve=mode dir target"), GNUCase("--preserve other new"), GNUCase("-p exec target/file"),
        GNUCase("exec target/file"), GNUCase("--preserve=mode exec target/file"), GNUCase("-Rp dir target"),
        GNUCase("--no-preserve=mode exec target/file"), GNUCase("-p --no-preserve=timestamps other new"),
        GNUCase("--preserve=wrong file new"), GNUCase("--preserve=mode,wrong file new"),
        GNUCase("-p tagged listed target/file"), GNUCase("--preserve=context file new"),
        GNUCase("--sparse=always sparse exec target"), GNUCase("--sparse=never sparse new"),
        GNUCase("--sparse=auto sparse new"), GNUCase("--sparse=wrong sparse new"), GNUCase("--sparse file new"),
        GNUCase("--reflink=auto exec new"), GNUCase("--reflink=never exec new"),
        GNUCase("--reflink exec new", except: [.tree]),
        GNUCase("--reflink=always exec new", except: [.tree]), GNUCase("--reflink=wrong exec new"),
        GNUCase("--reflink=always --sparse=always exec new"),
        GNUCase("--reflink=always exec target/file", except: [.tree]),
    ]

    private static let placing = [
        GNUCase("-t target file exec"), GNUCase("-ttarget file"), GNUCase("--target-directory=target file"),
        GNUCase("--target-directory target file"), GNUCase("-t missing file"), GNUCase("-t file exec"),
        GNUCase("-Rt target dir plain"), GNUCase("-T file new"), GNUCase("-T file target"), GNUCase("-T file exec"),
        GNUCase("-T file exec new"), GNUCase("-RT plain target"), GNUCase("-tT target file"),
        GNUCase("-t target -T file"), GNUCase("-t target"), GNUCase("-T file"), GNUCase("-t target -t dir file"),
        GNUCase("--parents parents/src/one/f target"), GNUCase("--parents -a parents/src/one/f target"),
        GNUCase("-R --parents parents/src target"), GNUCase("-R --parents parents/src/ target"),
        GNUCase("--parents -v parents/src/one/f target", except: [.output]), GNUCase("--parents parents/src/one/f new"),
        GNUCase("--parents missing/f target", except: [.words]), GNUCase("--parents ./parents/src/one/f target"),
        GNUCase("--parents -p parents/src/one/f target", before: "mkdir -p target/parents/src"),
        GNUCase("--parents file target"), GNUCase("-a --parents parents/src/one plain/file target"),
        GNUCase("-R --parents dirlink/sub target"), GNUCase("--parents dir/../file target"),
        GNUCase("--parents parents/src/one/f target", before: "touch target/parents", except: [.words]),
    ]

    private static let linking = [
        GNUCase("-l file new"), GNUCase("-Rl dir new"), GNUCase("-al dir new"), GNUCase("-l file exec"),
        GNUCase("-lf file exec"), GNUCase("-ln file exec"), GNUCase("-l link new"), GNUCase("-lL link new"),
        GNUCase("-lP link new"), GNUCase("-lH link new"), GNUCase("-l broken new"), GNUCase("-Rl dir target"),
        GNUCase("-Rlf dir target"), GNUCase("-l file file"), GNUCase("-lf file file"), GNUCase("-l dir/a dir/b"),
        GNUCase("-l dir new"), GNUCase("-l file target"), GNUCase("-lv file exec target", except: [.output]),
        GNUCase("-RlL plain new"),
        GNUCase("-l file exec target"), GNUCase("-al dir target"), GNUCase("-RlH dirlink new"), GNUCase("-l file link"),
        GNUCase("-lf file link"),
    ]

    private static let spelling = [
        GNUCase("-Rpv plain new"), GNUCase("--rec plain new"), GNUCase("--arch plain new"), GNUCase("--verb file new"),
        GNUCase("--no-d link new"), GNUCase("--deref link new"), GNUCase("--no-t file new"), GNUCase("--li file new"),
        GNUCase("--one-file -R plain new"), GNUCase("--pres=time file new"), GNUCase("--no-pres=own file new"),
        GNUCase("file -v new"), GNUCase("file new -R"), GNUCase("--no-c file exec"), GNUCase("--forc file exec"),
        GNUCase("--p file new"), GNUCase("--par file target"), GNUCase("--refl=au file new"),
        GNUCase("--no file new"), GNUCase("-Rn -f plain target"), GNUCase("-fn file exec"), GNUCase("-nf file exec"),
    ]

    private static let mistakes = [
        GNUCase(""), GNUCase("file"), GNUCase("--wrong file new"), GNUCase("-Q file new"), GNUCase("-t"),
        GNUCase("--recursive=yes plain new"), GNUCase("--parents"), GNUCase("-R"), GNUCase("--no-preserve"),
        GNUCase("--no-preserve=wrong file new"), GNUCase("~ new"), GNUCase("file exec target/file"),
        GNUCase("it's"), GNUCase("it's new"), GNUCase("it's\"$ new"), GNUCase("a\u{1b}\nb new"), GNUCase("\u{1} new"),
        GNUCase("-v file it's"), GNUCase("-v file a\u{7}"),
        GNUCase("--preserve= file new"),
    ]
}
