"""What a benchmark must show: each goal is printed with what was measured, and whether it was reached."""


class Verdict:
    def __init__(self):
        self.missed = 0

    def goal(self, reached, text):
        self.missed += not reached
        print(f"  {'reached' if reached else 'MISSED '}  {text}", flush=True)

    def status(self):
        """Of the process: 1 if a goal was missed."""
        print(f"scripts/bench: FAIL ({self.missed} goals missed)" if self.missed else "scripts/bench: PASS",
              flush=True)
        return 1 if self.missed else 0
