
// A browser says nothing when no app opens; one that did open hides this page.
var leave = setTimeout(function () { location.replace(document.getElementById("web").href); }, 1500);
document.addEventListener("visibilitychange", function () { if (document.hidden) clearTimeout(leave); });
window.addEventListener("pagehide", function () { clearTimeout(leave); });
location.href = document.getElementById("app").href;
