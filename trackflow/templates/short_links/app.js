
// A browser says nothing when no app opens; one that did open hides this page.
window.addEventListener("load", function () {
	var web = document.getElementById("web").href;
	var leave = setTimeout(function () { location.replace(web); }, 1500);
	function stay() { clearTimeout(leave); }
	document.addEventListener("visibilitychange", function () { if (document.hidden) stay(); });
	window.addEventListener("pagehide", stay);
	location.href = document.getElementById("app").href;
});
