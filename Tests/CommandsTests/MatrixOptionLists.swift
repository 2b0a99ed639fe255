extension MatrixOptions {
    static func list(_ text: String) -> [MatrixOptions] {
        text.split(whereSeparator: { $0 == "|" || $0 == "\n" })
            .map { $0.split(separator: " ").joined(separator: " ") }.map(MatrixOptions.init)
    }

    static let none = MatrixOptions("")

    /// One option each, in every way it can be said.
    static let single =
        [none]
        + list(
            """
            -f | -n | -i <yes | -i <no | -i <empty | -i <closed | -i <odd | -i <mixed | -u | -b | --backup | -v
            --backup=numbered | --backup=t | --backup=simple | --backup=never | --backup=existing | --backup=nil
            --backup=none | --backup=off | -S .orig | -b -S .orig | -b --suffix=.o | -b -S a/b | -b -S . | -P | -L | -H
            VERSION_CONTROL=numbered -b | VERSION_CONTROL=simple -b | VERSION_CONTROL=none -b | VERSION_CONTROL=wrong -b
            VERSION_CONTROL=t --backup=simple | SIMPLE_BACKUP_SUFFIX=.bak -b | SIMPLE_BACKUP_SUFFIX=.bak -b -S .orig
            VERSION_CONTROL=existing --backup | VERSION_CONTROL=wrong | SIMPLE_BACKUP_SUFFIX=.bak --backup=simple | -l
            -s | -d | -p | -a | -R | -r | -T | -x | --remove-destination | --attributes-only | --copy-contents
            --strip-trailing-slashes | --parents | POSIXLY_CORRECT=1 | --preserve | --preserve=mode
            --preserve=ownership
            --preserve=timestamps | --preserve=links | --preserve=xattr | --preserve=all | --no-preserve=mode
            --no-preserve=ownership | --preserve=context | -a --no-preserve=mode | -a --no-preserve=ownership
            -a --no-preserve=timestamps | -a --no-preserve=links | -a --no-preserve=xattr | -a --no-preserve=all
            -p --no-preserve=mode | --sparse=always | --sparse=never | --sparse=auto | --reflink=auto | --reflink=never
            -Z | --context=a
            """)

    /// What two options make of each other.
    static let pairs = list(
        """
        -bf | -bl | -bs | -bd | -bP | -bp | -ba | -bu | -bi <yes | -bi <no | -bT | -bv | -bvl | -bvs | -nb | -nT | -lf
        -sf | -ls | -ln | -sn | -li <yes | -si <yes | -if <yes | -if <no | -fi <yes | -iv <yes | -iv <mixed | -l --rem
        -s --rem | -b --rem | -f --rem | -n --rem | -u --rem | -i --rem <yes | -i --rem <no | -v --rem | -ni <yes
        -in <yes | -iu <yes | -uf | -un | -nu | -lu | -su | -uv | -nv | -nf | -fn | -Tf | -Tl | -Ts | -dl | -Pl | -Ll
        -Hl | -ds | -Ps | -Ls | -dv | -Pf | -P --rem | -d --rem | -Pn | -Pu | -du | -vl | -vs | -vf
        --attributes-only -p | --attributes-only -f | --attributes-only -n | --attributes-only -b
        --attributes-only --rem | --attributes-only -l | --attributes-only -v | --attributes-only -u
        --attributes-only -d | --attributes-only --preserve=mode | --attributes-only --preserve=xattr
        --reflink=auto --sparse=always | --reflink=never --sparse=never | -fS .orig | -f --backup=t | -p --rem
        --parents -v | --parents -b | --parents -l | --parents -T | --parents -p | --parents --strip | -sT --backup=t
        -l --backup=t | -lb --rem | -sb --rem | -sbf | -lbf | -dlf | -dsf | -dbf | -dfl --rem | -bl --backup=none
        """)

    /// What options do to trees.
    static let recursive = list(
        """
        -RL | -RH | -RP | -Rd | -Rp | -Rx | -RT | -RL -P | -RLH | -RHP | -Rf | -Rn | -Ru | -Rv | -Rb | -Rl | -Rs
        -Ri <yes | -Ri <no | -Rif <yes | -R --rem | -R --parents | -R --attributes-only | -R --copy-contents
        -R --strip-trailing-slashes | -R --backup=t | -RbS .orig | -Rvb | -Rvl | -Rvn | -Rvu | -Rv --rem | -Rlf | -Rsf
        -Rlb | -Rsb | -Rl --rem | -RLl | -RHl | -RPl | -Rbf | -RTb | -RTl | -RTf | -RTn | -RTv | -RT --rem | -av | -al
        -as | -ab | -au | -an | -af | -aL | -aH | -aT | -avT | -ax | -a --rem | -ai <yes | -ai <no
        -a --attributes-only | -a --copy-contents | -a --parents | -a --backup=t | -alf | -alb | -aub | -auv
        -R --no-preserve=mode | -R --preserve=mode | -R --preserve=links | -R --preserve=timestamps
        -R --preserve=all | -R --preserve=ownership | -R --preserve=xattr | -R --sparse=always | -R --reflink=never
        """)

    /// What the same-file table is made of.
    static let same = list(
        """
        -b | -f | -l | -s | -d | --rem | -n | -u | -i <yes | -p | -a | -R | -v | -T | -L | --attributes-only
        """)

    static let samePairs = list(
        """
        -P | -bf | -bl | -bs | -bd | -bP | -b --rem | -fl | -fs | -fd | -fP | -f --rem | -ls | -ld | -lP | -l --rem
        -sd | -sP | -s --rem | -d --rem | -P --rem | -bfl | -bfs | -bfd | -bf --rem | -bld | -bl --rem | -bsd
        -bs --rem | -bd --rem | -fld | -fl --rem | -fsd | -fs --rem | -fd --rem | -ld --rem | -sd --rem | -bfld
        -bfl --rem | -bfsd | -bfs --rem | -bfd --rem | -bld --rem | -bsd --rem | -fld --rem | -fsd --rem | --backup=t
        -f --backup=t | -d --backup=t | -l --backup=t | -Rb | -Rf | -Rl | -Rs | -R --rem | -bT | -ab | -al | -L -b
        -L -f | -L -l | -H -l | -L --rem | -bfi <yes | -un | -bu | -df --backup=none | -pb | -pf
        """)

    /// Spellings of every sort, right and wrong.
    static let spellings = list(
        """
        --pres=all | --pres=mod | --preserve=own,tim | --preserve=link | --preserve=x | --preserve=m,m
        --preserve=mode, | --preserve= | --preserve=a | --preserve=wrong | --preserve=mode,wrong | --preserve=c
        --no-pres=all | --no-preserve=wrong | --no-preserve | --no-preserve= | --rem | --re | --ref | --rec | --no-t
        --no-d | --no | --att | --at | --a | --arch | --b=t | --back=numb | --backup=wrong | --backup=n | --backup=
        --backup=e | --backup=s | --suf=.x -b | --s | --su=.x | --sym | --sy | --str | --spa=al | --sparse=n
        --sparse=a | --sparse | --sparse=wrong | --sparse= | --refl=au | --reflink=never | --reflink=n
        --reflink=wrong | --reflink=always | --reflink | --reflink=always --sparse=always
        --reflink=always --sparse=never | --li | --l | --in <yes | --i | --int <yes | --inter=x | --verb | --ver=x
        --ve=3 | --v | --up | --update=all | --u | --update=none | --one | --o | --par | --pa | --path | --p | --deref | --d
        --de | --forc | --f | --force=x | --no-c | --no-cl | --copy | --co | --c | --cop | --con | --context
        --context= | --c=x | --Z | -Z | -Zv | --debug | --de=x | --keep-directory-symlink | --wrong | -Q | -bQ | -Rq
        -j2 | --jobs=2 | --strict | --explain | --json | --progress=auto | --strategy=copy | -q | --quiet | -S | -t
        --target | --target=dst | --target-directory | -tdst | -t dst | -t none | -t src | -t dst -t dst | -t dst -T
        -tT dst | -T -T | -vv | -RR | -ra | -fff | -nnn | -- | -v -- | -- -v | --help=x | --help | --version
        -f --help=x | --no-clobber=x | --no-preserve=mod,own -p | -R --no-d --pres=all | -dR --preserve=all | -bfls
        -ls | -nb | --backup=none -n | -n --backup=none | -b -n | --no-clobber --backup | -S .x -n | -l -s | -s -l
        --link --symbolic-link | -sR --rem | --remove=x | -S . | -S x -S y -b | -S x -b --suffix=y
        --attributes-only --reflink=always | --attributes-only --sparse=always | --copy-contents -l
        --strip-trailing-slashes=x | --parents=x | -x --one-file-system | -pP --preserve=links | -b -S a/
        SIMPLE_BACKUP_SUFFIX=a/b -b | SIMPLE_BACKUP_SUFFIX= -b | VERSION_CONTROL= -b | VERSION_CONTROL=t
        VERSION_CONTROL=numb -b | VERSION_CONTROL=n -b | POSIXLY_CORRECT=1 -b | POSIXLY_CORRECT=1 -f
        POSIXLY_CORRECT=1 -l | POSIXLY_CORRECT=1 -R | POSIXLY_CORRECT=1 -d | POSIXLY_CORRECT=1 --rem
        """)

    /// What decides on the names of backups.
    static let backups = list(
        """
        -b | --backup=t | --backup=simple | --backup=existing | --backup=none | -S .orig | -b -S .orig | -bf | -bT
        -bv | VERSION_CONTROL=numbered -b | VERSION_CONTROL=simple -b | VERSION_CONTROL=existing -b
        VERSION_CONTROL=none -b | SIMPLE_BACKUP_SUFFIX=.bak -b | SIMPLE_BACKUP_SUFFIX=.~1~ -b | -b -S .~1~ | -b --rem
        -bl | -bs | -bu | -bp | -b --attributes-only | -bi <yes | -bi <no | -ab | -a --backup=t | -Rvb
        -Rv --backup=t
        """)

    /// What decides on what is kept of a file.
    static let keeping = list(
        """
        -p | -a | --preserve=mode | --preserve=ownership | --preserve=timestamps | --preserve=links | --preserve=xattr
        --preserve=all | --no-preserve=mode | --no-preserve=all | -p --no-preserve=mode | -a --no-preserve=xattr
        --attributes-only -p | --attributes-only --preserve=all | -a --no-preserve=ownership | --sparse=always
        --sparse=never | --reflink=never | --sparse=always --reflink=never | --preserve=mode,ownership
        """)

    /// What decides on which symlinks are followed.
    static let following = list(
        """
        -P | -L | -H | -d | -R | -RL | -RH | -RP | -a | -aL | -aH | -l | -lL | -lH | -lP | -Rl | -RlL | -RlH | -s
        -Ls | -L --rem | -P --rem | -Lb | -Pb | -Ru | -n | -RLP | -HL | --copy-contents | --attributes-only -L | -LT
        """)

    static let parents = list(
        """
        --parents | --parents -R | --parents -a | --parents -v | --parents -Rv | --parents -b | --parents -l
        --parents -s
        """
    )

    static let stripping = list(
        """
        --strip-trailing-slashes | --strip-trailing-slashes -R | --strip-trailing-slashes -P
        --strip-trailing-slashes -RL | --strip-trailing-slashes -Rv | --strip-trailing-slashes -T
        --strip-trailing-slashes --parents
        """)

    static let updating = list(
        """
        -u | -uf | -un | -ub | -uv | -ul | -us | -u --rem | -up | -au | -Ru | -iu <no | -ud | --update=none-fail
        --update=none -v | --update=none-fail -n | -n --update=all | --update=older -i <no | -i --update=none <yes
        -b --update=none | -b --update=none-fail | --debug -n | --debug -u | --debug -i <no | --debug --update=none-fail
        --debug -l | --debug --attributes-only | --debug --sparse=never
        """)

    /// Options for symlinks to directories at the destination.
    static let keepingSymlinks = list(
        """
        -RT | -RT --keep | -RT --copy-c --keep | -RTf --copy-c --keep | -RTn --copy-c --keep | -RTb --copy-c --keep
        -RTl --copy-c --keep | -RTs --copy-c --keep | -RT --copy-c --keep --rem | -RTv --copy-c --keep | -RTb | -Rb
        -R --copy-c --keep | -aT --keep | -RTu --copy-c --keep
        """)
}
