namespace Otherworld.Guest.Exploring;

/// <summary>What became of a page of a process when its kernel died.</summary>
public enum PageFate
{
    /// <summary>Its frame was taken over in place: same frame, same bytes.</summary>
    Adopted,

    /// <summary>Another frame has its bytes.</summary>
    Copied,

    /// <summary>No memory of its own, such as a page of a file: mapped anew, or read from the file again when it is touched.</summary>
    Reread,

    /// <summary>It is there, with other bytes.</summary>
    Changed,

    /// <summary>Memory of its own that is not there any more.</summary>
    Lost,
}
