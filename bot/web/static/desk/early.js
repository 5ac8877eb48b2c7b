// Before the first paint: the colours that the agent chose in this browser (theme.js).
try {
  const theme = localStorage.getItem("firstline.desk.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // the system's colours
}
