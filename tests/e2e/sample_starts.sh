# A program that records a part of itself.
MALLOW_OUTPUT=s.mallow show "$SAMPLES/starts"
wait_until 10 eval 'mallow stats --json s.mallow | jq -e .run.complete'
show sites --all-frames --include work s.mallow
ask "$totals" mallow stats --json s.mallow
MALLOW_OUTPUT=s.mallow show "$SAMPLES/starts"
