// Draws the page from the profile in it.

drawTitle();
drawTiles();
drawShares();
drawAdvice();
const view = profile.elapsed_s > 0 ? new TimeView(profile.elapsed_s) : null;
if (view !== null) {
  drawTimeline(view);
  drawOverTime(view);
} else {
  byId("timeline").remove();
  byId("timeline-note").textContent = "No task has run yet.";
}
drawLatency();
drawSlowest(view);
drawWorkers();
document.documentElement.dataset.drawn = "all";
