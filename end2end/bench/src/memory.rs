//! How much memory a process occupies.

use std::fs;
use std::process::Command;

use crate::Failure;

/// The memory of the process that is in use (its resident set), in bytes.
pub fn resident(process: u32) -> Result<u64, Failure> {
    let kibibytes = match fs::read_to_string(format!("/proc/{process}/status")) {
        Ok(status) => of_status(&status),
        // Where there is no such file, as on macOS.
        Err(_) => {
            let output = Command::new("ps").args(["-o", "rss=", "-p", &process.to_string()]).output()?;
            String::from_utf8_lossy(&output.stdout).trim().parse().ok()
        }
    };
    let kibibytes: u64 = kibibytes.ok_or("the memory of the app cannot be read: does it still run?")?;
    Ok(kibibytes * 1024)
}

fn of_status(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_set_is_read_from_linux() {
        assert_eq!(of_status("Name:\tapp\nVmHWM:\t   99 kB\nVmRSS:\t   12345 kB\n"), Some(12345));
        assert_eq!(of_status("Name:\tapp\n"), None);
    }

    #[test]
    fn this_very_process_occupies_memory() {
        assert!(resident(std::process::id()).expect("a number") > 100_000);
    }
}
