#[path = "../../src/clients/fusetrace.rs"]
#[allow(dead_code)]
mod fusetrace;

use fusetrace::{Error, Json, Monitor};

#[test]
fn waits() -> Result<(), Box<dyn std::error::Error>> {
    let mount = std::path::PathBuf::from(std::env::var("MOUNT")?);
    let mut monitor = Monitor::connect(None)?;
    let since = monitor.mark(None)?;
    monitor.step("create", |_| std::fs::write(mount.join("rust ä\n.txt"), "x"))??;
    let since = ("since", Json::from(since.as_str()));
    let result = monitor.wait("file-visible", &["rust ä\n.txt"], &[since])?;
    assert_eq!(result.get("operation").get("status").text(), Some("ok"));
    assert_eq!(result.get("operation").get("path").text(), Some("/rust ä\n.txt"));
    match monitor.wait("deleted", &["rust ä\n.txt"], &[("timeoutMs", 50.0.into())]) {
        Err(Error::Unsatisfied { code, .. }) => assert_eq!(code, "FT_WAIT_TIMEOUT"),
        other => panic!("{:?}", other),
    }
    monitor.fence()?;
    assert!(!monitor.operations(None)?.is_empty());
    assert!(matches!(monitor.call("nothing", &[]), Err(Error::Refused(_))));
    Ok(())
}
