print("repot")
